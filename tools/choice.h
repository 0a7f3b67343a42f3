// Options whose value is one of a few words.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::tool {

/// `target` may be the value or an optional of it. `words` in the order to show them.
template <typename Value, typename Target>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Target& target,
                        std::vector<std::pair<std::string_view, Value>> words,
                        const std::string& description) {
  const auto choose = [&target, name, words = std::move(words)](const std::string& given) {
    std::string all;
    for (const auto& [word, value] : words) {
      if (word == given) {
        target = value;
        return;
      }
      all += (all.empty() ? "" : ", ") + std::string(word);
    }
    throw CLI::ValidationError(name, fmt::format("'{}' is none of {}", given, all));
  };
  return command.add_option_function<std::string>(name, choose, description);
}

}  // namespace muster::tool
