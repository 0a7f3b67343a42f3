// The store as an engine under test, in a folder of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "muster/policy.h"
#include "muster/store.h"
#include "store/tuning.h"
#include "tests/support/files.h"
#include "tests/support/subject.h"

namespace muster::test {

struct StoreSetUp {
  store::Tuning tuning;
  /// Closed and opened again after every so many calls of apply(), at others of each source; 0:
  /// never.
  std::uint64_t reopen_every = 0;
};

/// Errors of the environment are thrown as std::runtime_error.
class StoreSubject : public Subject {
 public:
  StoreSubject(const Policy& policy, std::string source, const StoreSetUp& set_up = {});

  std::vector<Judged> apply(const std::vector<Event>& events, std::uint64_t first) override;
  std::vector<Judged> apply_live(const std::vector<Event>& events);  ///< of no recording
  std::string export_rows() override;
  std::string export_hosts() override;
  StatusCounts summary(TeamId team) override;
  StatusCounts profile_counts(std::string_view profile_uuid) override;

  std::vector<std::string> findings();  ///< what check() names
  void reopen();
  Store& store() { return *store_; }
  const std::filesystem::path& path() const { return options_.path; }

 private:
  TempDir folder_;
  StoreOptions options_;
  std::string source_;
  StoreSetUp set_up_;
  std::optional<Store> store_;
};

/// Throws std::runtime_error with the status' text.
void require_ok(const Status& status, const std::string& doing);

template <typename T>
T require(Result<T> result, const std::string& doing) {
  require_ok(result.status(), doing);
  return std::move(result).value();
}

}  // namespace muster::test
