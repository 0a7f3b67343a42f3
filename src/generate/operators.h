// The people who run a made-up fleet: labels, profiles and settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generate/random.h"
#include "generate/scenario.h"
#include "generate/server.h"
#include "muster/event.h"

namespace muster::generate {

class Operators {
 public:
  Operators(const FleetOptions& options, const Server& server, Random& random);

  /// Labels, then the profiles of every team.
  std::size_t founding_steps() const;
  EventBody found(std::size_t step, Timestamp at);

  /// What a deed about the catalog or the policy comes to; nothing where there is nothing to do
  /// it to. Other deeds are asserted not to come here.
  std::vector<EventBody> perform(Deed deed, Timestamp at);

  /// A host, from a random one on, for which `suits` is true.
  template <typename Suits>
  std::optional<HostIndex> find_host(const Suits& suits) {
    const HostIndex first = random_.below(server_.hosts());
    for (HostIndex i = 0; i < server_.hosts(); ++i) {
      const auto index = static_cast<HostIndex>((std::uint64_t{first} + i) % server_.hosts());
      if (server_.host(index) != nullptr && suits(index, *server_.host(index))) return index;
    }
    return std::nullopt;
  }
  /// A profile whose installation failed on the host, or, if asked for, is verified.
  std::optional<std::string> resendable(const core::Host& host, bool verified) const;

 private:
  struct Record {
    ProfileUploaded upload;
    bool broken = false;
    std::uint32_t rollout = 0;  ///< 0: of the begin
  };

  ProfileUploaded founding_profile(std::uint32_t n, TeamId team) const;
  Checksum next_checksum();
  EventBody edited(Record& record, const Checksum& content, Timestamp at) const;
  EventBody removed(std::size_t record);
  std::vector<EventBody> roll_out(std::optional<TeamId> team, Timestamp at);
  std::vector<EventBody> edit_rollout(Timestamp at);
  std::vector<EventBody> delete_rollout();
  std::vector<EventBody> delete_label();
  std::vector<EventBody> create_label();
  std::vector<EventBody> mend(Timestamp at);
  std::vector<EventBody> rotate_secret(Timestamp at);
  std::vector<EventBody> resend_failed();
  std::uint32_t newest_rollout() const;
  Record* some_record();

  const FleetOptions& options_;
  const Server& server_;
  Random& random_;
  std::vector<Record> records_;
  std::uint32_t rollouts_ = 0;
  std::uint32_t uuids_ = 0;
  std::uint64_t contents_ = 0;
};

}  // namespace muster::generate
