// What a reader of foreign documents tells, as lines of text.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/foreign/reader.h"

namespace muster::test {

class Told final : public codec::Listener {
 public:
  void on_statement(codec::Statement statement) override;
  void on_command(codec::CommandStatement command) override;
  void on_passed_over(std::string_view what) override;
  void on_noted(std::string_view what) override;
  void on_unreadable(std::string reason) override;

  /// A line each: a canonical event ("no time" where it has none), or "command ...",
  /// "passed over: ...", "noted: ...", "unreadable: ...".
  std::string take() { return std::exchange(lines_, {}); }
  const std::vector<codec::Statement>& statements() const { return statements_; }

 private:
  std::string lines_;
  std::vector<codec::Statement> statements_;
};

/// Names of hosts for readers.
class NamedHosts final : public codec::HostNames {
 public:
  NamedHosts(std::map<std::string, std::string, std::less<>> hosts) : hosts_(std::move(hosts)) {}
  std::optional<std::string_view> find(std::string_view name) const override;

 private:
  std::map<std::string, std::string, std::less<>> hosts_;
};

/// What the reader tells of one document.
std::string told_of(codec::ForeignReader& reader, std::string_view document);

}  // namespace muster::test
