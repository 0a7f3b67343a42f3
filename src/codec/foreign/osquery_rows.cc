#include "codec/foreign/osquery_rows.h"

#include "base/time.h"
#include "codec/foreign/key.h"

namespace muster::codec {
namespace {

bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char here = text[index];
    const bool hex = (here >= '0' && here <= '9') || (here >= 'a' && here <= 'f') ||
                     (here >= 'A' && here <= 'F');
    if (kForm[index] == 'x' ? !hex : here != '-') return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> host_of_identifier(std::string_view identifier, const HostNames& names) {
  if (identifier.empty()) return {};
  if (const auto host = names.find(identifier)) return std::string(*host);
  return is_uuid(identifier) ? std::optional(std::string(identifier)) : std::nullopt;
}

std::optional<OsqueryRow> read_profile_row(const JsonElement& row) {
  JsonFields columns;
  if (row.get(columns) != simdjson::SUCCESS) return {};
  const auto identifier = find_text(columns, "identifier");
  const auto install_date = find_text(columns, "install_date");
  if (!identifier || !install_date) return {};
  return OsqueryRow{
      std::string(*identifier), std::string(find_text(columns, "display_name").value_or("")),
      std::string(*install_date), std::string(find_text(columns, "type").value_or(""))};
}

bool add_to(ReportedProfiles& profiles, const OsqueryRow& row) {
  if (!row.type.empty() && row.type != "Configuration") return true;
  const auto install_date = base::parse_install_date(row.install_date);
  if (!install_date) return false;
  profiles.add(row.identifier, row.display_name, *install_date);
  return true;
}

Digest key_of_profiles(std::string_view host, const std::multiset<OsqueryRow>& rows) {
  KeyOf key("osquery/profiles");
  key.add(host);
  for (const OsqueryRow& row : rows) {
    key.add(row.identifier).add(row.display_name).add(row.install_date);
  }
  return key.digest();
}

}  // namespace muster::codec
