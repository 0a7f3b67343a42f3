// The rules over a std::map: every host visited at every pass and fan-out, nothing remembered,
// nothing indexed. Slow and obvious; what the store answers must be what this answers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/command_result.h"
#include "core/host.h"
#include "muster/event.h"
#include "muster/limits.h"
#include "muster/policy.h"
#include "muster/snapshot.h"
#include "tests/support/subject.h"

namespace muster::test {

/// The uuid of a command that a pass made up: version 8, from a hash over where it was needed.
std::string derived_command_uuid(std::string_view source, std::uint64_t event_number,
                                 Operation operation, std::string_view profile_uuid,
                                 std::optional<std::string_view> host_uuid);

class NaiveEngine : public Subject {
 public:
  NaiveEngine(Policy policy, std::string source);

  Judged apply(const Event& event, std::uint64_t number);
  std::vector<Judged> apply(const std::vector<Event>& events, std::uint64_t first) override;
  std::string export_rows() override;
  std::string export_hosts() override;
  StatusCounts summary(TeamId team) override;
  StatusCounts profile_counts(std::string_view profile_uuid) override;

  std::vector<ProfileState> rows(const core::Host& host) const;
  std::vector<ProfileState> rows(std::string_view host_uuid) const;
  const std::map<std::string, core::Host, std::less<>>& hosts() const { return hosts_; }
  const core::Catalog& catalog() const { return catalog_; }
  const Policy& policy() const { return policy_; }

  /// A host on which a second visit at the same time would still move something.
  std::optional<std::string> find_unsettled(Timestamp at) const;

  struct Command {
    core::KnownCommand known;
    std::string uuid;
    std::string profile_uuid;
  };
  using Commands = std::map<std::string, Command, std::less<>>;

 private:
  class Visitor;

  Judged judge(const Event& event, std::uint64_t number);
  Judged catalog_event(const LabelCreated& event, Timestamp at);
  Judged catalog_event(const LabelDeleted& event);
  Judged catalog_event(const ProfileUploaded& event);
  Judged delete_profile(const ProfileDeleted& event);
  Judged resend_failed(const ProfileBatchResent& event);
  Judged take_back(const CommandNotSent& event);
  Judged change(const PolicyChanged& event);
  Judged reconcile(const Reconciled& event, Timestamp at, std::uint64_t number);
  Judged host_event(const Event& event, std::string_view host_uuid);

  Policy policy_;
  StoreLimits limits_;
  std::string source_;
  core::Catalog catalog_;
  std::map<std::string, core::Host, std::less<>> hosts_;
  Commands commands_;
  std::vector<std::string> command_uuids_ = {""};  ///< [number]
  Sequence sequence_ = 0;
  std::uint32_t ordinals_ = 0;
  std::optional<Timestamp> last_at_;
};

}  // namespace muster::test
