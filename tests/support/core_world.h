// One host and a catalog, written and read in words, for tables of rules.
//
// A profile: "p sum=2 user id=com.x team=1 name=A_b vars secrets=5s uploaded=-1d all=L1,L2 any=L1
// not=L1 deleted". Left out: sum 1, System, the identifier com.x, team 0, uploaded at 0s, no
// labels. A label: "L1 label manual created=1s" or "L1 label deleted". Parts are separated by ';'.
//
// A row: "p: I-failed r=2 cmd=i1 vars=-3m ignore user V1". Details: V1, V2 (a failed verification),
// desktop, mobile (no user channel), or 'any text' at the end. Commands of installs begin with i,
// those of removals with r; those that a pass issues are called new.
//
// All times count from one moment, "now".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/command_result.h"
#include "core/host.h"
#include "core/reconcile.h"
#include "core/step.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::test {

/// The moment that times in words count from.
inline constexpr Timestamp kNow{1'750'000'000'000'000};
Timestamp time_of(std::string_view words);

class CoreWorld {
 public:
  CoreWorld();

  void change_catalog(std::string_view words);
  /// "ios team=1 unenrolled channel enrolled=-2h labels=L1,L2 labels_at=1s detail_at=2h"
  void set_host(std::string_view words);
  void set_rows(std::string_view words);
  std::string rows() const;

  core::HostPass reconcile(Timestamp at = kNow);
  core::Step apply(EventBody body, Timestamp at = kNow);
  core::CommandNumber command(const std::string& name);

  Policy policy;
  StoreLimits limits;
  core::Catalog catalog;
  std::optional<core::Host> host;
  std::size_t issued = 0;  ///< commands that passes asked for

 private:
  class Issuer;

  void change_profile(const std::vector<std::string>& words);
  void change_label(const std::vector<std::string>& words);
  void set_row(std::string_view words);
  std::string row_text(const core::Slot& slot) const;

  std::map<std::string, ProfileUploaded, std::less<>> uploads_;
  std::vector<std::string> commands_ = {""};
  Sequence sequence_ = 0;
};

}  // namespace muster::test
