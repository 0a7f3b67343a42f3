#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>

#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

struct CheckSettings {
  std::uint64_t limit = 1000;
};

int run_check(const CheckSettings& settings, Invocation& invocation) {
  const Result<Store> store = open_for_reading(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  std::ostream& out = invocation.streams.out;
  const bool text = invocation.output == Output::kText;
  Json findings = Json::array();
  std::uint64_t seen = 0;
  const Result<std::uint64_t> count = store->check([&](const Finding& finding) {
    ++seen;
    if (text) {
      out << terminal_text(finding.family) << ": " << terminal_text(finding.key) << ": "
          << terminal_text(finding.what) << '\n';
    } else {
      findings.push_back(
          {{"family", finding.family}, {"key", finding.key}, {"what", finding.what}});
    }
    return seen < settings.limit;
  });
  if (!count.ok()) return fail(invocation, count.status());
  const bool complete = seen < settings.limit;
  if (!text) {
    print_json(out, {{"count", *count}, {"complete", complete}, {"findings", std::move(findings)}});
  } else if (*count == 0) {
    out << "no findings\n";
  } else {
    out << grouped(*count) << (*count == 1 ? " finding" : " findings")
        << (complete ? "\n" : ", stopped at --limit\n");
  }
  return *count == 0 ? kExitFine : kExitFindings;
}

}  // namespace

void add_check(CLI::App& app, Invocation& invocation) {
  constexpr std::uint64_t kLimitMax = 1'000'000'000;
  const auto settings = std::make_shared<CheckSettings>();
  CLI::App& command = add_command(
      app, invocation, "check",
      "Compute every derived value again, compare it, and read every record's checksum.",
      [settings](Invocation& called) { return run_check(*settings, called); });
  command.add_option("--limit", settings->limit, "Stop after N findings")
      ->check(CLI::Range(std::uint64_t{1}, kLimitMax).description(""))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace muster::tool
