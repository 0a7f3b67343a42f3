// Bytes as the life of a small fleet: the store judges every event as the naive engine does, and
// ends in the same rows, whatever is opened again, folded or done in windows on the way.
#include <array>
#include <string>
#include <vector>

#include "base/contract.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/naive_engine.h"
#include "tests/support/store_subject.h"

namespace {

using namespace muster;

constexpr std::size_t kEventsMax = 200;

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::size_t below(std::size_t end) { return empty() ? 0 : data_[at_++] % end; }
  bool yes() { return below(2) == 1; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

/// The next event that the bytes tell, from few names, so that events meet.
class Life {
 public:
  Life(Bytes& bytes, const test::NaiveEngine& now) : bytes_(bytes), now_(now) {}

  Event next() {
    constexpr std::array<std::int64_t, 6> kSteps = {0, 1, 60, 3'600, 7'200, 86'400};
    at_.micros += kSteps[bytes_.below(kSteps.size())] * 1'000'000;
    return {at_, body()};
  }

 private:
  std::string host() { return "H" + std::to_string(bytes_.below(5)); }
  std::string profile() { return "p" + std::to_string(bytes_.below(6)); }
  std::string label() { return "l" + std::to_string(bytes_.below(3)); }
  TeamId team() { return static_cast<TeamId>(bytes_.below(3)); }
  std::vector<std::string> labels() {
    std::vector<std::string> some;
    for (std::size_t i = bytes_.below(3); i > 0; --i) some.push_back(label());
    return some;
  }

  EventBody body();
  ProfileUploaded upload();
  ProfilesReported report();
  /// A command that a row of the host carries, or none that anyone knows.
  std::string command_of(const std::string& host_uuid) {
    const auto rows = now_.rows(host_uuid);
    return rows.empty() ? "no command" : rows[bytes_.below(rows.size())].command_uuid;
  }

  Bytes& bytes_;
  const test::NaiveEngine& now_;
  Timestamp at_{1'770'138'000'000'000};
};

ProfileUploaded Life::upload() {
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = this->profile();
  profile.team_id = team();
  profile.checksum[0] = static_cast<std::uint8_t>(bytes_.below(3));
  profile.uploaded_at = at_;
  profile.scope = bytes_.yes() ? Scope::kUser : Scope::kSystem;
  switch (bytes_.below(5)) {
    case 0:
      profile.labels_include_all = labels();
      break;
    case 1:
      profile.labels_include_any = labels();
      break;
    case 2:
      profile.labels_exclude_any = labels();
      break;
    default:
      break;
  }
  return profile;
}

ProfilesReported Life::report() {
  ProfilesReported report;
  report.host_uuid = host();
  report.detail_updated_at = at_;
  for (const ProfileState& row : now_.rows(report.host_uuid)) {
    if (bytes_.below(4) == 0) continue;
    const Timestamp installed{at_.micros -
                              static_cast<std::int64_t>(bytes_.below(3)) * 3'600'000'000};
    report.profiles.add(row.identifier, row.name, installed);
  }
  return report;
}

EventBody Life::body() {
  switch (bytes_.below(20)) {
    case 0:
      return LabelCreated{label(),
                          bytes_.yes() ? LabelMembership::kManual : LabelMembership::kDynamic};
    case 1:
      return LabelDeleted{label()};
    case 2:
    case 3:
      return upload();
    case 4:
      return ProfileDeleted{profile()};
    case 5: {
      HostAdded host;
      host.host_uuid = this->host();
      host.team_id = team();
      host.user_channel = bytes_.yes();
      if (bytes_.below(4) == 0) host.platform = Platform::kIos;
      return host;
    }
    case 6:
      return HostEnrolled{host(), std::nullopt, std::nullopt};
    case 7:
      return HostUnenrolled{host()};
    case 8:
      return HostDeleted{host()};
    case 9:
      return HostTransferred{host(), team()};
    case 10:
      return HostLabelsReported{host(), labels(), std::nullopt};
    case 11:
      return CommandNotSent{command_of(host()), std::nullopt};
    case 12:
      return UserChannelChanged{host(), bytes_.yes()};
    case 13:
    case 14: {
      constexpr std::array<const char*, 4> kWords = {"Acknowledged", "Error", "NotNow", "Idle"};
      CommandResult result;
      result.host_uuid = host();
      result.command_uuid = command_of(result.host_uuid);
      result.status = kWords[bytes_.below(kWords.size())];
      return result;
    }
    case 15:
      return report();
    case 16:
      return ProfileResent{host(), profile()};
    case 17:
      return ProfileBatchResent{profile(), "failed"};
    default:
      return Reconciled{};
  }
}

void live(Bytes bytes) {
  test::StoreSetUp set_up;
  set_up.tuning.window_hosts = 1 + static_cast<std::uint32_t>(bytes.below(3));
  set_up.tuning.fold_bytes_min = bytes.yes() ? 1 : 4'096;
  set_up.reopen_every = bytes.below(30);
  test::NaiveEngine naive(Policy(), "fuzz");
  test::StoreSubject store(Policy(), "fuzz", set_up);
  Life life(bytes, naive);
  for (std::uint64_t number = 1; !bytes.empty() && number <= kEventsMax;) {
    std::vector<Event> span;
    std::vector<test::Judged> expected;
    for (std::size_t i = 1 + bytes.below(4); i > 0; --i) {
      span.push_back(life.next());
      expected.push_back(naive.apply(span.back(), number + span.size() - 1));
    }
    MUSTER_ASSERT(store.apply(span, number) == expected);
    number += span.size();
  }
  MUSTER_ASSERT(store.export_rows() == naive.export_rows());
  MUSTER_ASSERT(store.export_hosts() == naive.export_hosts());
  MUSTER_ASSERT(store.findings().empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  live(Bytes(data, size));
  return 0;
}
