#include <algorithm>
#include <array>
#include <regex>

#include "tests/tidy/rules.h"

namespace muster::test {
namespace {

using Names = std::vector<std::string_view>;

/// What the files below a folder may include. A name that ends in '/' allows all below it.
struct Layer {
  std::string_view folder;
  Names own;      ///< in quotes
  Names foreign;  ///< in angle brackets, beside the standard library
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> kLayers = {
      {"include/muster/", {"muster/"}, {}},
      {"src/base/hash.cc", {"base/", "muster/"}, {"xxhash.h"}},
      {"src/base/hash_long.cc", {"base/", "muster/"}, {"xxhash.h", "xxh_x86dispatch.h"}},
      {"src/base/", {"base/", "muster/"}, {}},
      {"src/core/", {"base/", "core/", "muster/"}, {"boost/"}},
      {"src/codec/",
       {"base/", "codec/", "muster/", "schema/"},
       {"boost/", "emmintrin.h", "flatbuffers/", "fmt/", "pugixml.hpp", "simdjson.h", "zstd.h"}},
      {"src/store/",
       {"base/", "codec/", "core/", "muster/", "schema/", "store/"},
       {"boost/", "fcntl.h", "flatbuffers/", "fmt/", "rocksdb/", "sys/", "unistd.h"}},
      {"src/replay/",
       {"base/", "codec/", "core/step.h", "core/taken_statements.h", "muster/", "replay/"},
       {"boost/", "fcntl.h", "fmt/", "sys/", "unistd.h", "zlib.h", "zstd.h", "zstd_errors.h"}},
      {"src/generate/", {"base/", "core/", "generate/", "muster/"}, {"boost/"}},
      {"bench/report/", {"bench/report/"}, {"CLI/", "fmt/", "gtest/", "nlohmann/", "pugixml.hpp"}},
      {"bench/engines/muster.cc", {"bench/", "muster/", "store/tuning.h"}, {"fmt/", "rocksdb/"}},
      {"bench/",
       {"base/", "bench/", "core/", "muster/"},
       {"CLI/", "benchmark/", "boost/", "fcntl.h", "fmt/", "lmdb.h", "malloc.h", "nlohmann/",
        "rocksdb/", "signal.h", "simdjson.h", "spawn.h", "sqlite3.h", "sys/", "time.h",
        "unistd.h"}},
      {"tools/",
       {"muster/", "tools/"},
       {"CLI/", "boost/archive/iterators/", "boost/uuid/", "fcntl.h", "fmt/", "nlohmann/", "poll.h",
        "sys/", "unistd.h"}},
  };
  return kLayers;
}

/// Headers of the public API, each may include those before it.
constexpr std::array kPublicOrder = {"status.h",         "types.h",
                                     "report_text.h",    "reported_profiles.h",
                                     "event.h",          "applied.h",
                                     "policy.h",         "limits.h",
                                     "options.h",        "live.h",
                                     "stats.h",          "scrub.h",
                                     "backup.h",         "repair.h",
                                     "store.h",          "snapshot.h",
                                     "recording.h",      "recording_writer.h",
                                     "import.h",         "compare.h",
                                     "fleet_generator.h"};

/// No clocks, chance, threads or input and output where the rules live, and where fleets are made
/// up from a seed alone.
const Names& impure() {
  static const Names kImpure = {
      "atomic",  "chrono", "condition_variable", "cstdio", "ctime",  "filesystem",
      "fstream", "future", "iostream",           "mutex",  "random", "shared_mutex",
      "thread"};
  return kImpure;
}

bool allowed(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view prefix) {
    return prefix.back() == '/' ? name.starts_with(prefix) : name == prefix;
  });
}

bool standard(std::string_view name) {
  return name.find_first_of("./") == std::string_view::npos;
}

std::size_t public_rank(std::string_view path) {
  const std::string_view file = path.substr(path.rfind('/') + 1);
  const auto at = std::find(kPublicOrder.begin(), kPublicOrder.end(), file);
  return static_cast<std::size_t>(at - kPublicOrder.begin());
}

std::string breach(const Source& source, const Layer& layer, bool quoted, std::string_view name) {
  const std::string shown(name);
  if (quoted) {
    if (!allowed(layer.own, name)) return "may not include " + shown;
    if (source.below("include/muster/") && public_rank(name) >= public_rank(source.path)) {
      return "includes " + shown + ", which comes after it";
    }
    return "";
  }
  if (standard(name)) {
    const bool pure = source.below("src/core/") || source.below("src/generate/");
    return pure && allowed(impure(), name) ? "may not know <" + shown + ">" : "";
  }
  return allowed(layer.foreign, name) ? "" : "may not include <" + shown + ">";
}

}  // namespace

Violations check_includes(const Source& source) {
  Violations found;
  if (!source.cpp()) return found;
  const auto layer = std::find_if(layers().begin(), layers().end(), [&](const Layer& candidate) {
    return source.below(candidate.folder);
  });
  if (layer == layers().end()) {
    if (source.below("src/")) found.push_back({source.path, 1, "stands in no known folder"});
    return found;
  }
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::size_t number = 0;
  for (const std::string_view line : lines_of(source.text)) {
    ++number;
    if (line.find("include") == std::string_view::npos) continue;
    std::cmatch match;
    if (!std::regex_search(line.data(), line.data() + line.size(), match, kInclude)) continue;
    const std::string what = breach(source, *layer, match[1] == "\"", match[2].str());
    if (!what.empty()) found.push_back({source.path, number, what});
  }
  return found;
}

Violations check_engine_names(const Source& source) {
  Violations found;
  const bool ours = source.below("src/") || source.below("include/") || source.below("tools/");
  if (!source.cpp() || !ours || source.below("src/store/")) return found;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(source.code)) {
    ++number;
    if (line.find("rocksdb") != std::string_view::npos) {
      found.push_back({source.path, number, "names rocksdb; only src/store does"});
    }
  }
  return found;
}

}  // namespace muster::test
