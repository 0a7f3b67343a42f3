// What an agent's logged differences add up to.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/foreign/osquery_rows.h"

namespace muster::codec {

/// Which run of a scheduled query a line is of. A counter of 0 lists everything; each later run
/// that found differences has the next number.
struct QueryRun {
  std::int64_t epoch = 0;
  std::int64_t counter = 0;
  friend bool operator==(const QueryRun&, const QueryRun&) = default;
};

/// The rows of one query on one host.
class FoldedRows {
 public:
  /// Of a run, in any order. Rows count once it is closed.
  void add(OsqueryRow row) { added_.push_back(std::move(row)); }
  void remove(OsqueryRow row) { removed_.push_back(std::move(row)); }
  void close_run(const QueryRun& run);
  /// Something of the run that is being told, or of the next one, cannot be read.
  void lose();
  /// All rows at once.
  void replace(std::vector<OsqueryRow> rows);

  /// Whether they are all of the host's; not so behind a gap.
  bool whole() const { return whole_; }
  const std::multiset<OsqueryRow>& rows() const { return rows_; }

 private:
  bool fold();

  std::multiset<OsqueryRow> rows_;
  std::vector<OsqueryRow> added_;
  std::vector<OsqueryRow> removed_;
  QueryRun last_;
  bool whole_ = false;
  bool lost_ = false;  ///< of the run that is not closed
};

}  // namespace muster::codec
