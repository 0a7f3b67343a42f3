#include "tools/finding_list.h"

#include <ostream>

#include "tools/exit_code.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

FindingList::FindingList(const Invocation& invocation, std::uint64_t limit)
    : invocation_(invocation), limit_(limit) {}

bool FindingList::take(const Finding& finding) {
  ++count_;
  if (invocation_.output == Output::kText) {
    invocation_.streams.out << terminal_text(to_string(finding)) << '\n';
  } else {
    findings_.push_back({{"family", finding.family}, {"key", finding.key}, {"what", finding.what}});
  }
  return !at_limit();
}

void FindingList::print_count() const {
  std::ostream& out = invocation_.streams.out;
  if (count_ == 0) {
    out << "no findings\n";
  } else {
    out << grouped(count_) << (count_ == 1 ? " finding" : " findings")
        << (at_limit() ? ", stopped at --limit\n" : "\n");
  }
}

nlohmann::ordered_json FindingList::json() const {
  return {{"count", count_}, {"complete", !at_limit()}, {"findings", findings_}};
}

int FindingList::exit_code() const {
  return count_ == 0 ? kExitFine : kExitFindings;
}

}  // namespace muster::tool
