#include "store/live_pass.h"

namespace muster::store {

void LivePass::begin_window(std::optional<std::string> after) {
  window = Reconciled{std::vector<IssuedCommand>(), std::move(after), {}, {}};
  window_bytes_ = 0;
  listed_.clear();
}

void LivePass::note(core::CommandNumber number, Operation operation,
                    const std::string& profile_uuid, const std::string& command_uuid,
                    std::string_view host_uuid) {
  constexpr std::size_t kPunctuation = 3;
  constexpr std::size_t kKeys = 80;
  std::vector<IssuedCommand>& commands = *window.commands;
  const auto [place, fresh] = listed_.try_emplace(core::to_integer(number), commands.size());
  if (fresh) {
    commands.push_back({operation, profile_uuid, command_uuid, {}});
    window_bytes_ += kKeys + profile_uuid.size() + command_uuid.size();
  }
  commands[place->second].hosts.emplace_back(host_uuid);
  window_bytes_ += host_uuid.size() + kPunctuation;
}

}  // namespace muster::store
