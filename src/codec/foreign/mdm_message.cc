// Bodies that devices sent, and what the profiles command prints.
#include <string>
#include <utility>

#include "base/time.h"
#include "codec/foreign/device_message.h"
#include "codec/foreign/osquery_rows.h"
#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

class MessageReader final : public ForeignReader {
 public:
  MessageReader(const DocumentLimits& limits, const HostNames& names)
      : limits_(limits), names_(names) {}

  void read(std::string_view document, Listener& listener) override {
    // A server's dump has other things between the messages.
    if (document.starts_with("Bootstrap token:") || document.starts_with("GetToken TokenData:")) {
      return listener.on_passed_over("a line of a server's dump");
    }
    if (document.starts_with('{')) {
      return listener.on_passed_over("a report of declarative management");
    }
    std::string reason;
    const auto plist = parse_plist(document, limits_, reason);
    if (!plist) return listener.on_unreadable(reason);
    if (plist->find("_computerlevel", Plist::Kind::kList) != nullptr) {
      return read_profiles(*plist, listener);
    }
    tell_message(*plist, {}, listener);
  }

 private:
  /// The output of `profiles -C -o stdout-xml`.
  void read_profiles(const Plist& plist, Listener& listener) const {
    const auto host = names_.find({});
    if (!host) {
      return listener.on_unreadable(
          "it does not say which host it is of; give the file's name in --host-map");
    }
    ProfilesReported report;
    report.host_uuid = *host;
    std::multiset<OsqueryRow> rows;
    for (const Plist& profile : plist.find("_computerlevel", Plist::Kind::kList)->items()) {
      const auto identifier = profile.find_text("ProfileIdentifier");
      const auto date = profile.find_text("ProfileInstallDate");
      if (!identifier || !date) {
        return listener.on_unreadable("a profile without identifier and install date");
      }
      const OsqueryRow row{std::string(*identifier),
                           std::string(profile.find_text("ProfileDisplayName").value_or("")),
                           std::string(*date),
                           std::string(profile.find_text("ProfileType").value_or(""))};
      if (!add_to(report.profiles, row)) {
        return listener.on_unreadable("a profile whose install date cannot be read");
      }
      rows.insert(row);
    }
    Statement statement;
    statement.key = key_of_profiles(*host, rows);
    statement.body = std::move(report);
    listener.on_statement(std::move(statement));
  }

  DocumentLimits limits_;
  const HostNames& names_;
};

}  // namespace

std::unique_ptr<ForeignReader> make_mdm_message_reader(const DocumentLimits& limits,
                                                       const HostNames& names) {
  return std::make_unique<MessageReader>(limits, names);
}

}  // namespace muster::codec
