#include "tests/support/told.h"

#include <utility>

#include "codec/ndjson_reader.h"
#include "muster/recording.h"

namespace muster::test {

void Told::on_statement(codec::Statement statement) {
  if (!statement.at) lines_ += "no time ";
  lines_ += to_canonical_line({statement.at.value_or(Timestamp{}), statement.body});
  lines_ += '\n';
  statements_.push_back(std::move(statement));
}

void Told::on_command(codec::CommandStatement command) {
  lines_ += "command " + command.command_uuid + " of " +
            (command.host_uuid.empty() ? "anyone" : command.host_uuid) + ": " +
            (command.request_type.empty() ? "?" : command.request_type) + ' ' +
            (command.identifier.empty() ? "?" : command.identifier);
  if (command.at) lines_ += " at " + to_string(*command.at);
  lines_ += '\n';
}

void Told::on_passed_over(std::string_view what) {
  lines_.append("passed over: ").append(what).append("\n");
}

void Told::on_noted(std::string_view what) {
  lines_.append("noted: ").append(what).append("\n");
}

void Told::on_unreadable(std::string reason) {
  lines_.append("unreadable: ").append(reason).append("\n");
}

std::optional<std::string_view> NamedHosts::find(std::string_view name) const {
  const auto found = hosts_.find(name);
  if (found == hosts_.end()) return {};
  return found->second;
}

std::string told_of(codec::ForeignReader& reader, std::string_view document) {
  std::string padded(document);
  padded.resize(document.size() + codec::kLinePadding);
  Told told;
  reader.read(std::string_view(padded).substr(0, document.size()), told);
  return told.take();
}

}  // namespace muster::test
