// The state export: the same bytes for the same state, whatever led there (docs/recording.md).
#include "base/hash.h"
#include "codec/json_text.h"
#include "core/summary.h"
#include "muster/snapshot.h"
#include "store/host_reader.h"
#include "store/snapshot_impl.h"

namespace muster {
namespace {

using base::operator+;
using store::HostReader;

Status append_row(HostReader& reader, const core::Catalog& catalog, const core::Host& host,
                  const core::Slot& slot, std::string& out) {
  const core::ProfileVersion& version = catalog.version(slot.version());
  std::string command;
  if (Status status = reader.read_command_uuid(slot.command(), command); !status.ok()) {
    return status;
  }
  codec::JsonObject row(out);
  row.text("host_uuid", host.uuid);
  row.text("profile_uuid", version.profile_uuid);
  row.text("identifier", version.identifier);
  row.text("operation", name_of(slot.operation()));
  const bool unsent = slot.status() == DeliveryStatus::kUnsent;
  row.text_or_null("status", unsent ? std::nullopt : std::optional(name_of(slot.status())));
  row.number("retries", slot.retries());
  row.text("detail", host.detail_of(slot));
  row.text("command_uuid", command);
  row.boolean("ignore_error", slot.ignore_error());
  row.time_or_null("variables_updated_at", host.variables_of(slot));
  row.text("checksum", to_string(version.checksum));
  row.close();
  out.push_back('\n');
  return {};
}

void append_host(const core::Host& host, std::string& out) {
  codec::JsonObject line(out);
  line.text("host_uuid", host.uuid);
  line.text("platform", name_of(host.platform));
  line.number("team_id", host.team);
  line.boolean("enrolled", host.enrolled);
  line.time("detail_updated_at", host.detail_updated_at);
  const auto bucket = core::bucket_of(host);
  line.text_or_null("status", bucket ? std::optional(name_of(*bucket)) : std::nullopt);
  line.close();
  out.push_back('\n');
}

}  // namespace

Status Snapshot::export_rows(const std::function<bool(std::string_view)>& write) const {
  HostReader reader(impl_->view);
  std::string line;
  return reader.scan({}, [&](const core::Host& host) -> Result<bool> {
    for (const core::Slot& slot : host.slots) {
      line.clear();
      Status status = append_row(reader, *impl_->view.catalog, host, slot, line);
      if (!status.ok()) return status;
      if (!write(line)) return false;
    }
    return true;
  });
}

Status Snapshot::export_hosts(const std::function<bool(std::string_view)>& write) const {
  HostReader reader(impl_->view);
  std::string line;
  return reader.scan({}, [&](const core::Host& host) -> Result<bool> {
    line.clear();
    append_host(host, line);
    return write(line);
  });
}

Result<Digest> Snapshot::content_digest() const {
  HostReader reader(impl_->view);
  Digest sum;
  std::string lines;
  const Status status = reader.scan({}, [&](const core::Host& host) -> Result<bool> {
    lines.clear();
    for (const core::Slot& slot : host.slots) {
      Status appended = append_row(reader, *impl_->view.catalog, host, slot, lines);
      if (!appended.ok()) return appended;
    }
    append_host(host, lines);
    sum = sum + base::hash128(lines);
    return true;
  });
  if (!status.ok()) return status;
  return sum;
}

}  // namespace muster
