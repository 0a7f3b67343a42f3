#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>
#include <regex>

namespace muster::test {
namespace {

/// Names that may not stand as a call of a free function, or at all.
struct Ban {
  std::vector<const char*> names;
  const char* before;
  const char* after;
  const char* what;
  std::vector<std::string_view> folders;  ///< where it holds
  std::vector<std::string_view> exempt;   ///< paths that may
};

constexpr const char* kFree = R"((^|[^\w.>])(std::|::)?)";
constexpr const char* kCall = R"(\s*\()";
constexpr const char* kWord = R"(\b)";

const std::vector<std::string_view> kLibrary = {"include/", "src/"};
const std::vector<std::string_view> kProgram = {"include/", "src/", "tools/"};
const std::vector<std::string_view> kAll = {"include/", "src/", "tools/", "tests/"};
const std::vector<std::string_view> kContract = {"src/base/contract.cc"};

const std::vector<Ban>& bans() {
  static const std::vector<Ban> kBans = {
      {{"_exit", "exit", "quick_exit", "abort", "terminate"},
       kFree,
       kCall,
       "ends the process",
       kLibrary,
       kContract},
      {{"umask", "signal", "sigaction", "setenv", "unsetenv", "putenv", "setlocale", "mallopt"},
       kFree,
       kCall,
       "changes the process",
       kLibrary,
       {}},
      {{"system", "popen", "fork"}, kFree, kCall, "starts a process", kProgram, {}},
      {{"rand", "srand"}, kFree, kCall, "asks for chance", kAll, {}},
      {{"random_device"},
       kWord,
       kWord,
       "asks for chance",
       kAll,
       {"src/store/", "tools/", "tests/tool/"}},
      {{"time"}, kFree, R"(\s*\(\s*(nullptr|NULL|0)\s*\))", "reads a clock", kAll, {}},
      {{"_clock::now"}, "", kWord, "reads a clock", kLibrary, {"src/store/metrics"}},
      {{"printf", "fprintf", "sprintf", "snprintf", "vfprintf", "puts", "fputs"},
       kFree,
       kCall,
       "prints",
       kLibrary,
       kContract},
      {{"cout", "cerr", "clog"}, R"((^|[^\w.>])(std::))", kWord, "prints", kLibrary, kContract},
      {{"sleep_for", "sleep_until", "usleep", "nanosleep"},
       kWord,
       kWord,
       "waits for time to pass",
       kAll,
       {}},
      {{"sleep"}, kFree, kCall, "waits for time to pass", kAll, {}},
      {{"GTEST_SKIP", "DISABLED_"}, kWord, "", "switches a test off", {"tests/"}, {}},
      {{"std::format", "std::expected"}, kWord, kWord, "is not in the compiler", kAll, {}},
  };
  return kBans;
}

std::regex pattern_of(const Ban& ban) {
  std::string names;
  for (const char* name : ban.names) names += (names.empty() ? "" : "|") + std::string(name);
  return std::regex(ban.before + ("(" + names + ")") + ban.after);
}

bool may_hold(const Ban& ban, std::string_view line) {
  return std::any_of(ban.names.begin(), ban.names.end(),
                     [&](const char* name) { return line.find(name) != std::string_view::npos; });
}

std::size_t lines_max(const Source& source) {
  return source.header() ? kHeaderLinesMax : kSourceLinesMax;
}

bool below_any(const Source& source, const std::vector<std::string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return source.below(folder); });
}

}  // namespace

Violations check_calls(const Source& source) {
  Violations found;
  if (!source.cpp()) return found;
  const std::vector<std::string_view> lines = lines_of(source.code);
  for (const Ban& ban : bans()) {
    if (!below_any(source, ban.folders) || below_any(source, ban.exempt)) continue;
    const std::regex pattern = pattern_of(ban);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!may_hold(ban, lines[i])) continue;
      std::cmatch match;
      const char* begin = lines[i].data();
      if (!std::regex_search(begin, begin + lines[i].size(), match, pattern)) continue;
      found.push_back({source.path, i + 1, "'" + match.str() + "' " + ban.what});
    }
  }
  return found;
}

Violations check_lines(const Source& source) {
  Violations found;
  if (!source.cpp()) return found;
  const std::vector<std::string_view> lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].size() > kColumnsMax) {
      found.push_back({source.path, i + 1, std::to_string(lines[i].size()) + " columns"});
    }
  }
  const std::size_t most = lines_max(source);
  if (lines.size() > most) {
    found.push_back({source.path, lines.size(),
                     std::to_string(lines.size()) + " lines, more than " + std::to_string(most)});
  }
  return found;
}

Violations check_ascii(const Source& source) {
  Violations found;
  if (!source.cpp() && !source.path.ends_with(".fbs")) return found;
  const std::vector<std::string_view> lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool plain = std::all_of(lines[i].begin(), lines[i].end(), [](char letter) {
      return static_cast<unsigned char>(letter) >= 0x20 &&
             static_cast<unsigned char>(letter) < 0x7F;
    });
    if (!plain) found.push_back({source.path, i + 1, "a byte that is not printable ASCII"});
  }
  return found;
}

Violations check_pragma_once(const Source& source) {
  if (!source.header()) return {};
  for (const std::string_view line : lines_of(source.code)) {
    if (line.find_first_not_of(' ') == std::string_view::npos) continue;
    if (line == "#pragma once") return {};
    break;
  }
  return {{source.path, 1, "does not begin with #pragma once"}};
}

Violations check_markers(const Source& source) {
  // In pieces: this file is looked at too.
  static const std::array kWords = {std::string("TO") + "DO", std::string("FIX") + "ME",
                                    std::string("XX") + "X", std::string("HA") + "CK"};
  Violations found;
  const std::vector<std::string_view> lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& word : kWords) {
      if (lines[i].find(word) == std::string_view::npos) continue;
      const std::regex pattern("(^|[^A-Za-z])" + word + "($|[^A-Za-z])");
      if (std::regex_search(lines[i].begin(), lines[i].end(), pattern)) {
        found.push_back({source.path, i + 1, "left-over " + word});
      }
    }
  }
  return found;
}

std::set<std::string> built_folders(std::string_view cmake_lists) {
  static const std::regex kFolders(R"(set\(test_folders ([^)]*)\))");
  std::set<std::string> folders = {"support", "consumer"};  // consumer: by tests/install
  std::cmatch match;
  const char* begin = cmake_lists.data();
  if (!std::regex_search(begin, begin + cmake_lists.size(), match, kFolders)) return folders;
  const std::string names = match[1].str();
  static const std::regex kName(R"(\w+)");
  for (auto at = std::sregex_iterator(names.begin(), names.end(), kName);
       at != std::sregex_iterator(); ++at) {
    folders.insert(at->str());
  }
  return folders;
}

Violations check_built(const Source& source, const std::set<std::string>& folders) {
  if (!source.below("tests/") || !source.path.ends_with(".cc")) return {};
  const std::string rest = source.path.substr(std::string_view("tests/").size());
  const std::size_t slash = rest.find('/');
  const bool direct = slash != std::string::npos && rest.find('/', slash + 1) == std::string::npos;
  if (direct && folders.contains(rest.substr(0, slash))) return {};
  return {{source.path, 1, "no program is built from it"}};
}

}  // namespace muster::test
