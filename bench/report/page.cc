#include "bench/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/report/drawing.h"
#include "bench/report/panel.h"
#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

constexpr std::size_t kDigestDigits = 8;

std::string inline_svg(const Panel& panel) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\">\n{}</svg>\n",
      kPanelWidth, panel.height, escape(panel.name), panel.body);
}

std::string verdict_class(const std::string& verdict) {
  return verdict == "pass" || verdict == "short" ? verdict : "open";
}

std::string tally(const std::vector<Promise>& promises) {
  std::vector<std::pair<std::string, int>> verdicts = {{"pass", 0}, {"short", 0}, {"not run", 0}};
  for (const Promise& promise : promises) {
    auto found = std::find_if(verdicts.begin(), verdicts.end(), [&](const auto& verdict) {
      return verdict.first == promise.verdict;
    });
    if (found == verdicts.end()) found = verdicts.insert(found, {promise.verdict, 0});
    ++found->second;
  }
  std::string text;
  for (const auto& [verdict, count] : verdicts) {
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  }
  return fmt::format("{} {}: {}.", promises.size(), promises.size() == 1 ? "promise" : "promises",
                     text);
}

/// The name, which leads to the cell's rows if there are any.
std::string cell_link(const Results& results, const std::string& name) {
  const auto cell = std::find_if(results.cells.begin(), results.cells.end(),
                                 [&](const Cell& other) { return other.name == name; });
  if (cell == results.cells.end()) return escape(name);
  return fmt::format("<a href=\"#{}\">{}</a>", cell->id, escape(name));
}

std::string listed(const NamedNumbers& numbers, std::string (*format)(std::optional<double>)) {
  std::string text;
  for (const auto& [name, value] : numbers) {
    text += (text.empty() ? "" : ", ") + name + " " + format(value);
  }
  return text;
}

std::string with_spread(const std::string& median, const std::string& least,
                        const std::string& most) {
  if (median.empty() || least.empty() || most.empty() || least == most) return median;
  return fmt::format("{} ({} to {})", median, least, most);
}

struct Column {
  const char* head;
  std::string (*text)(const Measured& row);
};

constexpr std::array<Column, 13> kColumns = {{
    {"events/s", [](const Measured& row) { return in_count(row.events_per_second); }},
    {"cpu/event (least to most)",
     [](const Measured& row) {
       return with_spread(in_time(row.cpu_micros), in_time(row.cpu_micros_least),
                          in_time(row.cpu_micros_most));
     }},
    {"ratio (least to most)",
     [](const Measured& row) {
       return with_spread(in_ratio(row.ratio), in_ratio(row.ratio_least), in_ratio(row.ratio_most));
     }},
    {"p50", [](const Measured& row) { return in_time(row.p50); }},
    {"p99", [](const Measured& row) { return in_time(row.p99); }},
    {"p99.9", [](const Measured& row) { return in_time(row.p99_9); }},
    {"max", [](const Measured& row) { return in_time(row.max); }},
    {"log/event", [](const Measured& row) { return in_bytes(row.log_bytes_per_event); }},
    {"syncs/event", [](const Measured& row) { return in_count(row.syncs_per_event); }},
    {"disk/host", [](const Measured& row) { return in_bytes(row.disk_bytes_per_host); }},
    {"write ampl.", [](const Measured& row) { return in_ratio(row.write_amplification); }},
    {"resident", [](const Measured& row) { return in_bytes(row.resident_bytes); }},
    {"rounds of events",
     [](const Measured& row) {
       if (!row.rounds || !row.events) return std::string();
       return in_count(row.rounds) + " of " + in_count(row.events);
     }},
}};

void write_cell(const Cell& cell, std::ostream& page) {
  const std::string conditions = own_conditions(cell, {});
  page << fmt::format(
      "<tbody>\n<tr id=\"{}\"><th colspan=\"{}\" scope=\"rowgroup\">{} <span>{}{}{}</span></th>"
      "</tr>\n",
      cell.id, kColumns.size() + 4, escape(cell.name), escape(cell.workload),
      conditions.empty() ? "" : ": ", escape(conditions));
  for (const Measured& row : cell.rows) {
    page << fmt::format("<tr><td class=\"{}\">{}</td>", row.style == 0 ? "own" : "other",
                        escape(row.label));
    for (const Column& column : kColumns) {
      page << fmt::format("<td class=\"number\">{}</td>", escape(column.text(row)));
    }
    page << fmt::format(
        "<td class=\"wide\">{}</td><td class=\"wide\">{}</td><td><code>{}</code></td></tr>\n",
        escape(listed(row.parts, in_time)), escape(listed(row.counts, in_count)),
        escape(fit(row.digest.substr(0, kDigestDigits), 1, 1e9)));
  }
  page << "</tbody>\n";
}

}  // namespace

void write_promises(const Results& results, std::ostream& page) {
  if (results.promises.empty()) return;
  page << "<section>\n<h2>Promises</h2>\n<p>" << escape(tally(results.promises)) << "</p>\n"
       << "<table class=\"promises\">\n<thead><tr><th scope=\"col\">promise</th>"
          "<th scope=\"col\">preset</th><th scope=\"col\">bound</th>"
          "<th scope=\"col\">measured</th><th scope=\"col\">verdict</th>";
  for (const OtherBuild& other : results.others) {
    page << "<th scope=\"col\" colspan=\"2\">with RocksDB " << escape(other.rocksdb) << "</th>";
  }
  page << "<th scope=\"col\">cell</th></tr></thead>\n<tbody>\n";
  for (const Promise& promise : results.promises) {
    const std::string why = promise.why.empty()
                                ? ""
                                : fmt::format("<span class=\"why\">{}</span>", escape(promise.why));
    const auto cell = [&](const char* name, const std::string& text) {
      return text.empty() ? std::string("<td></td>")
                          : fmt::format("<td data-name=\"{}\">{}</td>", name, text);
    };
    const auto kept = [&](const Promise& one) {
      return cell("measured", escape(one.measured)) +
             fmt::format("<td><span class=\"verdict {}\">{}</span></td>",
                         verdict_class(one.verdict), escape(one.verdict));
    };
    page << "<tr><td>" << escape(promise.figure) << why << "</td>"
         << cell("preset", escape(promise.preset)) << cell("bound", escape(promise.bound))
         << kept(promise);
    for (const OtherBuild& build : results.others) {
      const Promise* other = build.find(promise);
      page << (other == nullptr ? "<td></td><td></td>" : kept(*other));
    }
    page << cell("cell", cell_link(results, promise.cell)) << "</tr>\n";
  }
  page << "</tbody>\n</table>\n</section>\n";
}

void write_plot(const Plot& plot, std::ostream& page) {
  if (plot.panels.empty()) return;
  page << "<section>\n<h2 id=\"" << plot.name << "\">" << plot.title << "</h2>\n<figure>\n"
       << "<figcaption>" << escape(plot.reading) << "\n<p class=\"quiet\">"
       << escape(plot.conditions) << "</p></figcaption>\n";
  if (plot.legend.height > 0) {
    page << "<div class=\"legend\">" << inline_svg(plot.legend) << "</div>\n";
  }
  page << "<div class=\"panels\">\n";
  for (const Panel& panel : plot.panels) page << inline_svg(panel);
  page << "</div>\n</figure>\n</section>\n";
}

void write_all_results(const Results& results, std::ostream& page) {
  if (results.cells.empty()) return;
  page << "<section class=\"all\">\n<h2>All results</h2>\n<details>\n<summary>Every engine of "
          "every cell</summary>"
          "\n<p class=\"quiet\">cpu/event: processor time, median of the rounds. ratio: of it, "
          "against the cell's first engine. p50 to max: latency of a commit. log/event: bytes "
          "written to the log. Engines of a cell with the same "
          "digest left the same rows.</p>\n<div class=\"scroll\">\n<table class=\"results\">\n"
          "<thead><tr><th scope=\"col\">engine</th>";
  for (const Column& column : kColumns) {
    page << "<th scope=\"col\" class=\"number\">" << column.head << "</th>";
  }
  page << "<th scope=\"col\">parts</th><th scope=\"col\">counts</th><th scope=\"col\">digest</th>"
          "</tr></thead>\n";
  for (const Cell& cell : results.cells) write_cell(cell, page);
  page << "</table>\n</div>\n</details>\n</section>\n";
}

void write_machines(const Results& results, std::ostream& page) {
  for (const Machine& machine : results.machines) {
    page << "<section class=\"keep\">\n<h2>Machine and versions</h2>\n<dl>\n";
    for (const auto& [name, text] : machine.facts) {
      const bool typed = name == "command" || name == "commit";
      page << "<dt>" << name << "</dt><dd>" << (typed ? "<code>" : "") << escape(text)
           << (typed ? "</code>" : "") << "</dd>\n";
    }
    page << "</dl>\n</section>\n";
  }
}

}  // namespace muster::bench::report
