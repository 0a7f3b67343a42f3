// What reaches the operator's callbacks, and what no longer does.
#include "store/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "store/database_listener.h"

namespace muster::test {
namespace {

using store::DatabaseListener;
using store::Notes;
using testing::ElementsAre;

class NotesTest : public testing::Test {
 protected:
  NotesTest() {
    options_.path = "/stores/one";
    options_.log = [this](LogLevel level, std::string_view line) {
      lines_.push_back((level == LogLevel::kError     ? "error "
                        : level == LogLevel::kWarning ? "warning "
                                                      : "info ") +
                       std::string(line));
    };
    options_.on_failure = [this](const Status& status) { failures_.push_back(status.to_string()); };
  }

  StoreOptions options_;
  std::vector<std::string> lines_;
  std::vector<std::string> failures_;
};

TEST_F(NotesTest, LinesNameTheStore) {
  const Notes notes(options_);
  notes.info("opened");
  notes.warning("slow");
  EXPECT_THAT(lines_, ElementsAre("info /stores/one: opened", "warning /stores/one: slow"));
}

TEST_F(NotesTest, LinesAreSafeForTerminals) {
  options_.path = "/stores/\x1b[31mred\n";
  Notes notes(options_);
  notes.info("host \x7f\xC2\x9B \xE2\x80\xAE");
  EXPECT_THAT(lines_, ElementsAre(R"(info /stores/\x1b[31mred\x0a: host \x7f\xc2\x9b )"
                                  R"(\xe2\x80\xae)"));
}

TEST_F(NotesTest, TellsOfTheFirstFailureOnly) {
  Notes notes(options_);
  notes.stopped(Status(StatusCode::kIoError, "first"));
  notes.stopped(Status(StatusCode::kCorruption, "second"));
  EXPECT_THAT(failures_, ElementsAre("io_error: first"));
  EXPECT_THAT(lines_, ElementsAre("error /stores/one: the store stops: io_error: first"));
}

TEST_F(NotesTest, NothingIsSaidAfterSilence) {
  Notes notes(options_);
  notes.silence();
  notes.info("late");
  notes.stopped(Status(StatusCode::kIoError, "late"));
  EXPECT_THAT(lines_, ElementsAre());
  EXPECT_THAT(failures_, ElementsAre());
}

TEST_F(NotesTest, CallbacksMayBeAbsent) {
  Notes notes({});
  notes.info("nobody listens");
  notes.stopped(Status(StatusCode::kIoError, "nobody listens"));
}

TEST_F(NotesTest, SilenceWaitsForARunningCallback) {
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left = false;
  options_.log = [&](LogLevel, std::string_view) {
    entered.set_value();
    leave.get_future().wait();
    left = true;
  };
  Notes notes(options_);
  std::thread speaker([&] { notes.info("long"); });
  entered.get_future().wait();
  bool left_before_silence = false;
  std::thread closer([&] {
    notes.silence();
    left_before_silence = left;
  });
  leave.set_value();
  closer.join();
  speaker.join();
  EXPECT_TRUE(left_before_silence);
}

TEST_F(NotesTest, ABackgroundErrorIsToldAtOnce) {
  DatabaseListener listener("/stores/one/data", std::make_shared<Notes>(options_));
  EXPECT_TRUE(listener.error().ok());
  rocksdb::Status error = rocksdb::Status::IOError("disk on fire");
  listener.OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &error);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_THAT(failures_[0], testing::HasSubstr("/stores/one/data"));
  EXPECT_THAT(failures_[0], testing::HasSubstr("disk on fire"));
  rocksdb::Status second = rocksdb::Status::IOError("still burning");
  listener.OnBackgroundError(rocksdb::BackgroundErrorReason::kCompaction, &second);
  EXPECT_EQ(failures_.size(), 1u);
  EXPECT_EQ(listener.error().to_string(), failures_[0]);
}

TEST_F(NotesTest, StoppedWritesAreToldOnce) {
  using enum rocksdb::WriteStallCondition;
  DatabaseListener listener("/stores/one/data", std::make_shared<Notes>(options_));
  const auto change = [&](const char* family, rocksdb::WriteStallCondition to) {
    rocksdb::WriteStallInfo info;
    info.cf_name = family;
    info.condition = {to, kNormal};
    listener.OnStallConditionsChanged(info);
    return listener.writes_stopped();
  };
  EXPECT_FALSE(change("hosts", kDelayed));
  EXPECT_TRUE(change("hosts", kStopped));
  EXPECT_TRUE(change("due", kStopped));
  EXPECT_TRUE(change("hosts", kNormal));
  EXPECT_FALSE(change("due", kDelayed));
  EXPECT_THAT(lines_, ElementsAre("warning /stores/one: writes stop until the disk has caught up, "
                                  "at family hosts",
                                  "warning /stores/one: writes go on"));
}

}  // namespace
}  // namespace muster::test
