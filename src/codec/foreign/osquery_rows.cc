#include "codec/foreign/osquery_rows.h"

#include "base/time.h"
#include "codec/foreign/key.h"

namespace muster::codec {

std::optional<ProfileRow> read_profile_row(const JsonElement& row) {
  JsonFields columns;
  if (row.get(columns) != simdjson::SUCCESS) return {};
  const auto identifier = find_text(columns, "identifier");
  const auto install_date = find_text(columns, "install_date");
  if (!identifier || !install_date) return {};
  return ProfileRow{
      std::string(*identifier), std::string(find_text(columns, "display_name").value_or("")),
      std::string(*install_date), std::string(find_text(columns, "type").value_or(""))};
}

bool add_to(ReportedProfiles& profiles, const ProfileRow& row) {
  if (!row.type.empty() && row.type != "Configuration") return true;
  const auto install_date = base::parse_install_date(row.install_date);
  if (!install_date) return false;
  profiles.add(row.identifier, row.display_name, *install_date);
  return true;
}

Digest key_of_profiles(std::string_view host, const std::multiset<ProfileRow>& rows) {
  KeyOf key("osquery/profiles");
  key.add(host);
  for (const ProfileRow& row : rows) {
    key.add(row.identifier).add(row.display_name).add(row.install_date);
  }
  return key.digest();
}

}  // namespace muster::codec
