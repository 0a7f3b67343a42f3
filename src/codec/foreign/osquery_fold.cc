#include "codec/foreign/osquery_fold.h"

#include <iterator>
#include <utility>

#include "muster/types.h"

namespace muster::codec {

void FoldedRows::close_run(const QueryRun& run) {
  const bool follows = whole_ && run.epoch == last_.epoch && run.counter - 1 == last_.counter;
  last_ = run;
  if (run.counter == 0) {
    rows_.clear();
    removed_.clear();
  }
  whole_ = !std::exchange(lost_, false) && (run.counter == 0 || follows) && fold();
  if (!whole_) rows_.clear();
  added_.clear();
  removed_.clear();
}

bool FoldedRows::fold() {
  for (const OsqueryRow& row : removed_) {
    const auto found = rows_.find(row);
    if (found == rows_.end()) return false;  // something is missing before
    rows_.erase(found);
  }
  for (OsqueryRow& row : added_) rows_.insert(std::move(row));
  return rows_.size() <= kRowsPerHostMax;
}

void FoldedRows::lose() {
  whole_ = false;
  lost_ = true;
  rows_.clear();
}

void FoldedRows::replace(std::vector<OsqueryRow> rows) {
  whole_ = rows.size() <= kRowsPerHostMax;
  lost_ = false;
  last_ = {-1, -1};  // no differences are known to follow it
  rows_.clear();
  if (!whole_) return;
  rows_.insert(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
}

}  // namespace muster::codec
