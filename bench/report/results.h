// What a run of muster_bench printed, read back: one JSON object a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::bench::report {

/// From 0 to 1e18; nothing where it was not measured.
using Number = std::optional<double>;
using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// Where and of what the results are: labels and texts in the order in which they are shown.
struct Machine {
  std::vector<std::pair<std::string, std::string>> facts;
  std::string rocksdb;  ///< its version
};

/// One engine in one cell. Times are of processor or wall clock in microseconds.
struct Measured {
  std::string cell, workload, engine, preset, durability, input, digest;
  std::optional<bool> fast_path;
  Number hosts, profiles, batch, memory_bytes, rounds, events;
  Number events_per_second;
  Number cpu_micros, cpu_micros_least, cpu_micros_most;
  Number ratio, ratio_least, ratio_most;  ///< cpu against the cell's first engine
  Number p50, p99, p99_9, max;            ///< of a commit
  Number log_bytes_per_event, syncs_per_event, disk_bytes_per_host, write_amplification;
  Number resident_bytes;
  NamedNumbers parts;   ///< cpu of an event by what it was for
  NamedNumbers counts;  ///< anything else that an engine counts

  std::string label;      ///< the engine, told apart from its other rows in the cell
  std::size_t style = 0;  ///< colour and marker: 0 Muster's, 1 of its variants, then the others
};

/// A name and a text that hold for all rows of a cell, as "durability" and "buffered".
struct Condition {
  std::string name;
  std::string text;
  bool operator==(const Condition&) const = default;
};

struct Cell {
  std::string name;
  std::string workload;
  std::string id;  ///< of the cell's rows in the page
  Number hosts;
  std::vector<Condition>
      conditions;              ///< all but the workload and the hosts: Muster's if it is there
  std::vector<Measured> rows;  ///< in the order of the lines

  /// The row to compare with; null: Muster is not in the cell.
  const Measured* muster() const;
};

/// A row of the table of promises.
struct Promise {
  std::string figure, preset, bound, measured, verdict, cell, why;
};

/// The promises as another RocksDB than the first machine's keeps them.
struct OtherBuild {
  std::string rocksdb;
  std::vector<Promise> promises;

  /// Null: it was not asked about that one.
  const Promise* find(const Promise& promise) const;
};

struct Results {
  std::vector<Machine> machines;
  std::vector<Cell> cells;
  std::vector<Promise> promises;
  std::vector<OtherBuild> others;
};

/// Throws std::runtime_error, which names the line, where one cannot be read. Keys that are not
/// known are ignored, blank lines too. Lines belong to the machine before them. Where that has
/// another RocksDB than the first one, engines over RocksDB are other engines, named so, and what
/// the rest did is left out: it does not depend on RocksDB.
Results read_results(std::istream& lines);

/// Engines of this name are Muster's own.
bool is_muster(std::string_view engine);

/// Cells that differ in hosts alone, the fewest hosts first.
using Curve = std::vector<const Cell*>;
std::vector<Curve> curves_of(const Results& results);

/// What a plot shows side by side. Rows without the value are left out, and of each curve all cells
/// but one: that with the most engines, of those the one with the most hosts.
struct Compared {
  std::vector<Cell> cells;
  std::vector<Cell> alone;  ///< of one row; with no others, these are the cells

  std::vector<Cell> all() const;
};
Compared compare(const Results& results, bool (*has_value)(const Measured& row));

/// The rows of such cells as one cell, named after what they were measured in.
Cell as_one_cell(const std::vector<Cell>& alone);

}  // namespace muster::bench::report
