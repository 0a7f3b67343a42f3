// Random fleets: recordings that reach the rules' corners, from a seed alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "muster/event.h"
#include "muster/fleet_generator.h"
#include "muster/snapshot.h"

namespace muster::test {

/// So many seconds after the moment at which generated fleets begin.
constexpr Timestamp at(std::int64_t seconds) {
  return {kFleetStart.micros + seconds * 1'000'000};
}

/// The seed to use: MUSTER_SEED where it is set, else `usual`.
std::uint64_t seed_or(std::uint64_t usual);

struct FleetOptions {
  std::uint64_t seed = 1;
  std::size_t hosts = 1000;
  TeamId teams = 4;
};

/// The rows that hosts have now, for answers to commands that they really got.
class FleetView {
 public:
  virtual ~FleetView() = default;
  virtual std::vector<ProfileState> rows(std::string_view host_uuid) const = 0;
};

class Fleet {
 public:
  /// `view` outlives the fleet and shows the state after every event handed out before.
  Fleet(const FleetOptions& options, const FleetView& view);

  /// The next event; the first ones found the fleet: labels, profiles, hosts, a pass.
  Event next();

 private:
  struct KnownHost {
    std::string uuid;
    Platform platform = Platform::kDarwin;
    Timestamp enrolled_at;
    std::vector<std::string> labels;
  };
  struct KnownLabel {
    std::string name;
    Timestamp created_at;
  };
  struct SentCommand {
    std::string host_uuid;
    std::string command_uuid;
  };
  using Maker = EventBody (Fleet::*)();

  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T>
  T& pick(std::vector<T>& items) {
    return items[below(items.size())];
  }
  Timestamp nudged(Timestamp time);
  Timestamp later(std::int64_t seconds) const;
  void advance();

  EventBody founding();
  EventBody make_label();
  EventBody drop_label();
  EventBody upload_new();
  EventBody upload_edit();
  EventBody upload_again();
  EventBody delete_profile();
  EventBody add_host();
  EventBody enrol();
  EventBody unenrol();
  EventBody delete_host();
  EventBody transfer();
  EventBody report_labels();
  EventBody change_user_channel();
  EventBody reconcile();
  EventBody reconcile_range();
  EventBody answer();
  EventBody answer_late();
  EventBody install_result();
  EventBody report();
  EventBody resend();
  EventBody resend_failed();
  EventBody not_sent();
  EventBody change_policy();
  EventBody bad();
  EventBody bad_upload();

  KnownHost new_host();
  HostAdded added(KnownHost& host);
  void target(ProfileUploaded& profile);
  void content(ProfileUploaded& profile, unsigned variant);
  std::vector<std::string> some_labels(std::size_t most);
  CommandResult answer_to(const SentCommand& command);
  std::string some_profile_uuid();
  Timestamp some_upload();

  std::mt19937_64 random_;
  FleetOptions options_;
  const FleetView& view_;
  Timestamp now_;
  std::vector<KnownHost> hosts_;
  std::vector<KnownHost> gone_hosts_;
  std::vector<KnownLabel> labels_;
  std::vector<std::string> gone_labels_;
  std::vector<ProfileUploaded> profiles_;
  std::vector<ProfileUploaded> gone_profiles_;
  std::vector<SentCommand> sent_;
  std::size_t founded_ = 0;
  std::uint64_t serial_ = 0;
};

}  // namespace muster::test
