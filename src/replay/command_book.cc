#include "replay/command_book.h"

#include <utility>

namespace muster::recording {
namespace {

std::optional<Operation> operation_of(std::string_view request_type) {
  if (request_type == "InstallProfile") return Operation::kInstall;
  if (request_type == "RemoveProfile") return Operation::kRemove;
  return {};
}

}  // namespace

void CommandBook::add(codec::CommandStatement command) {
  if (command.command_uuid.empty()) return;
  const auto [known, is_new] =
      numbers_.emplace(std::move(command.command_uuid), static_cast<Number>(commands_.size()));
  const Number number = known->second;
  if (is_new) commands_.push_back({known->first, {}, {}, {}, {}, {}, false, false});
  BookedCommand& booked = commands_[number];
  if (!booked.operation) booked.operation = operation_of(command.request_type);
  booked.is_other = !booked.operation && (booked.is_other || !command.request_type.empty());
  if (booked.profile_uuid.empty()) booked.profile_uuid = std::move(command.profile_uuid);
  if (booked.identifier.empty()) booked.identifier = std::move(command.identifier);
  if (command.at && (!booked.at || *command.at < *booked.at)) booked.at = command.at;
  const std::string& profile =
      booked.profile_uuid.empty() ? booked.identifier : booked.profile_uuid;
  if (!booked.about && booked.operation && !profile.empty()) {
    booked.about.emplace(*booked.operation, profile);
    if (!booked.has_hosts) of_anyone_[*booked.about].insert(number);
  }
  if (command.host_uuid.empty()) return;
  if (!booked.has_hosts && booked.about) of_anyone_[*booked.about].erase(number);
  booked.has_hosts = true;
  OfHost& of_host = by_host_[std::move(command.host_uuid)];
  if (of_host.all.insert(number).second) of_host.in_order.push_back(number);
}

std::optional<CommandBook::Number> CommandBook::find(std::string_view command_uuid) const {
  const auto found = numbers_.find(std::string(command_uuid));
  if (found == numbers_.end()) return {};
  return found->second;
}

std::span<const CommandBook::Number> CommandBook::of_host(std::string_view host_uuid) const {
  const auto found = by_host_.find(std::string(host_uuid));
  if (found == by_host_.end()) return {};
  return found->second.in_order;
}

}  // namespace muster::recording
