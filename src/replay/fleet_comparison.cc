#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "muster/compare.h"
#include "replay/statement_source.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using codec::HostProfiles;
using codec::ServerProfile;

/// The server shows the two verdicts of the verifier (SEMANTICS 12, 11) as sentences.
std::string_view as_stored(std::string_view detail) {
  if (detail.starts_with("This setting had been verified")) return "Failed, was verified";
  if (detail.starts_with("The MDM protocol returned a success")) return "Failed, was verifying";
  return detail;
}

bool is_same(DeliveryStatus in_store, DeliveryStatus in_fleet) {
  return in_store == in_fleet ||
         (in_fleet == DeliveryStatus::kPending && in_store == DeliveryStatus::kUnsent);
}

std::string words(Operation operation, DeliveryStatus status) {
  return std::string(name_of(operation)) + ' ' + std::string(name_of(status));
}

std::optional<DifferenceKind> find_difference(const ProfileState& row, const ServerProfile& told) {
  if (row.operation != told.operation) return DifferenceKind::kOperation;
  if (!is_same(row.status, told.status)) return DifferenceKind::kStatus;
  if (row.detail != as_stored(told.detail)) return DifferenceKind::kDetail;
  return {};
}

class Comparison final : public codec::Listener {
 public:
  Comparison(const Snapshot& snapshot,
             const std::function<void(const RowDifference&)>& on_difference)
      : snapshot_(snapshot), on_difference_(on_difference) {}

  /// Ends with an error of the store; one of the file stands in the result.
  Status read(const fs::path& file, const ImportLimits& limits) {
    std::optional<RecordingFormat> format;
    if (recording::is_pipe(file)) format = RecordingFormat::kFleet;
    ImportOptions options;
    options.limits = limits;
    auto source = recording::open_source(file, options, no_names_, format);
    if (!source.ok()) return source.status();
    if (*format != RecordingFormat::kFleet) {
      return {StatusCode::kBadInput, file.string() + ": is " + std::string(name_of(*format)) +
                                         ", and not an answer of Fleet's API"};
    }
    file_ = file.string();
    source_ = source->get();
    for (bool more = true; more && status_.ok();) {
      const Result<bool> next = source_->read(*this);
      result_.input = next.status();
      more = next.ok() && *next;
    }
    return status_;
  }

  FleetComparison& result() { return result_; }

  void on_statement(codec::Statement /*statement*/) override {}
  void on_command(codec::CommandStatement /*command*/) override {}
  void on_passed_over(std::string_view what) override { ++result_.passed_over[std::string(what)]; }
  void on_noted(std::string_view /*what*/) override {}
  void on_unreadable(std::string reason) override {
    ++result_.unreadable;
    if (result_.first_unreadable.size() >= kRejectedShown) return;
    UnreadDocument unread = recording::unread_of(file_, source_->document(), std::move(reason));
    unread.bytes = {};
    result_.first_unreadable.push_back(std::move(unread));
  }

  void on_host_profiles(HostProfiles told) override {
    if (!status_.ok()) return;
    if (!seen_.insert(told.host_uuid).second) {
      ++result_.repeated_hosts;
      return;
    }
    const auto host = snapshot_.find_host(told.host_uuid);
    status_ = host.status();
    if (!status_.ok()) return;
    if (!host->has_value()) {
      return differ({DifferenceKind::kUnknownHost,
                     told.host_uuid,
                     {},
                     {},
                     {},
                     std::to_string(told.profiles.size()) + " rows"});
    }
    ++result_.hosts;
    compare(std::move(told));
  }

 private:
  void compare(HostProfiles told) {
    if (told.others > 0) result_.passed_over["rows that are no Apple profile's"] += told.others;
    for (; told.unreadable > 0; --told.unreadable) {
      on_unreadable("a row without profile_uuid, operation_type or status");
    }
    auto& theirs = told.profiles;
    std::stable_sort(theirs.begin(), theirs.end(), [](const auto& left, const auto& right) {
      return left.profile_uuid < right.profile_uuid;
    });
    auto next = theirs.begin();
    const auto tell_until = [&](const std::string* profile_uuid) {
      for (; next != theirs.end(); ++next) {
        if (profile_uuid != nullptr && next->profile_uuid >= *profile_uuid) return;
        differ({DifferenceKind::kNotInStore,
                told.host_uuid,
                next->profile_uuid,
                next->name,
                {},
                words(next->operation, next->status)});
      }
    };
    status_ = snapshot_.visit_host(told.host_uuid, Page{}, [&](const ProfileState& row) {
      tell_until(&row.profile_uuid);
      if (next != theirs.end() && next->profile_uuid == row.profile_uuid) {
        compare_row(told.host_uuid, row, *next++);
      } else {
        differ({DifferenceKind::kNotInFleet,
                told.host_uuid,
                row.profile_uuid,
                row.name,
                words(row.operation, row.status),
                {}});
      }
      return true;
    });
    tell_until(nullptr);
  }

  void compare_row(const std::string& host_uuid, const ProfileState& row,
                   const ServerProfile& told) {
    const std::optional<DifferenceKind> kind = find_difference(row, told);
    if (!kind) {
      ++result_.equal_rows;
      return;
    }
    const bool by_detail = *kind == DifferenceKind::kDetail;
    differ({*kind, host_uuid, row.profile_uuid, told.name.empty() ? row.name : told.name,
            by_detail ? row.detail : words(row.operation, row.status),
            by_detail ? told.detail : words(told.operation, told.status)});
  }

  void differ(const RowDifference& difference) {
    ++result_.differences[difference.kind];
    if (on_difference_) on_difference_(difference);
  }

  const Snapshot& snapshot_;
  const std::function<void(const RowDifference&)>& on_difference_;
  const recording::HostMap no_names_;
  FleetComparison result_;
  std::unordered_set<std::string> seen_;
  std::string file_;
  recording::StatementSource* source_ = nullptr;  ///< of `file_`, during read()
  Status status_;                                 ///< of the store
};

}  // namespace

std::string_view name_of(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kUnknownHost:
      return "unknown_host";
    case DifferenceKind::kNotInStore:
      return "not_in_store";
    case DifferenceKind::kNotInFleet:
      return "not_in_fleet";
    case DifferenceKind::kOperation:
      return "operation";
    case DifferenceKind::kStatus:
      return "status";
    case DifferenceKind::kDetail:
      return "detail";
  }
  return "";
}

Result<FleetComparison> compare_with_fleet(
    const Snapshot& snapshot, std::span<const fs::path> files, const ImportLimits& limits,
    const std::function<void(const RowDifference&)>& on_difference) {
  const Result<std::vector<fs::path>> all = files_in(files);
  if (!all.ok()) return all.status();
  Comparison comparison(snapshot, on_difference);
  for (const fs::path& file : *all) {
    if (Status read = comparison.read(file, limits); !read.ok()) return read;
    if (!comparison.result().input.ok()) break;
  }
  return std::move(comparison.result());
}

}  // namespace muster
