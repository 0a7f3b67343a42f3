// check and scrub.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "muster/scrub.h"
#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/finding_list.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/progress.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

struct CheckSettings {
  std::uint64_t limit = 1000;
  std::uint64_t mebibytes_per_second = 32;
};

int run_check(const CheckSettings& settings, Invocation& invocation) {
  const Result<Store> store = open_for_reading(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  FindingList findings(invocation, settings.limit);
  const Result<std::uint64_t> count =
      store->check([&](const Finding& finding) { return findings.take(finding); });
  if (!count.ok()) return fail(invocation, count.status());
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, findings.json());
  } else {
    findings.print_count();
  }
  return findings.exit_code();
}

int run_scrub(const CheckSettings& settings, Invocation& invocation) {
  const Result<Store> store = open_for_reading(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  FindingList findings(invocation, settings.limit);
  Progress bar(invocation.streams.err, invocation.streams.progress);
  const Result<ScrubReport> report = store->scrub(
      {settings.mebibytes_per_second << 20},
      [&](const Finding& finding) { return findings.take(finding); },
      [&](const ScrubProgress& progress) {
        bar.update(progress.bytes_read, progress.bytes_total, 0);
        return true;
      });
  bar.finish();
  if (!report.ok()) {
    if (invocation.output == Output::kJson) print_json(invocation.streams.out, findings.json());
    return fail(invocation, report.status());
  }
  if (invocation.output == Output::kJson) {
    Json document = {
        {"files", report->files}, {"file_bytes", report->file_bytes}, {"records", report->records}};
    document.update(findings.json());
    print_json(invocation.streams.out, document);
  } else {
    invocation.streams.out << fmt::format(
        "{} bytes in {} files, {} records: ", grouped(report->file_bytes), grouped(report->files),
        grouped(report->records));
    findings.print_count();
  }
  return findings.exit_code();
}

void add_limit(CLI::App& command, CheckSettings& settings) {
  constexpr std::uint64_t kLimitMax = 1'000'000'000;
  command.add_option("--limit", settings.limit, "Stop after N findings")
      ->check(CLI::Range(std::uint64_t{1}, kLimitMax).description(""))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace

void add_check(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<CheckSettings>();
  CLI::App& command = add_command(
      app, invocation, "check",
      "Compute every derived value again, compare it, and read every record's checksum.",
      [settings](Invocation& called) { return run_check(*settings, called); });
  add_limit(command, *settings);
}

void add_scrub(CLI::App& app, Invocation& invocation) {
  constexpr std::uint64_t kRateMax = 1'000'000;
  const auto settings = std::make_shared<CheckSettings>();
  CLI::App& command = add_command(
      app, invocation, "scrub",
      "Read every block of every table from the disk, at a bounded rate, and then what check does.",
      [settings](Invocation& called) { return run_scrub(*settings, called); });
  add_limit(command, *settings);
  command
      .add_option("--rate", settings->mebibytes_per_second,
                  "Read so many MiB a second at most; 0: as fast as it goes")
      ->check(CLI::Range(std::uint64_t{0}, kRateMax).description(""))
      ->capture_default_str()
      ->type_name("MIB");
}

}  // namespace muster::tool
