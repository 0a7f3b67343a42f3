// A small appliance: events come in on standard input, commands for devices go out on standard
// output:   appliance fleet.muster < events.ndjson > commands.ndjson
//
// Uuids of commands begin with a text that no other run has; a second argument is another one.
// A line of input is an event in canonical text (docs/recording.md). An empty line asks for a pass
// of the reconciler; others come by themselves.
#include <muster/recording.h>
#include <muster/store.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int kEventsPerPass = 1000;
constexpr std::int64_t kMicrosPerPass = 60'000'000;
constexpr std::size_t kCommandsAtOnce = 100;

/// Ends the program at an error. What was answered before stays in the store.
void check(const muster::Status& status) {
  if (status.ok()) return;
  std::cerr << "appliance: " << status.to_string() << '\n';
  std::exit(1);
}

template <typename T>
T require(muster::Result<T> result) {
  check(result.status());
  return std::move(result).value();
}

std::string quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char letter : text) {
    const bool plain = (letter < 0 || letter >= ' ') && letter != '"' && letter != '\\';
    out +=
        plain ? std::string{letter} : std::string{"\\u00"} + kHex[letter >> 4] + kHex[letter & 15];
  }
  return out + '"';
}

void print(const muster::PendingCommand& command) {
  std::cout << "{\"kind\":" << quoted(name_of(command.kind))
            << ",\"operation\":" << quoted(name_of(command.operation))
            << ",\"command_uuid\":" << quoted(command.command_uuid)
            << ",\"profile_uuid\":" << quoted(command.profile_uuid) << ",\"hosts\":";
  const char* before = "[";
  for (const auto& host : command.hosts) std::cout << std::exchange(before, ",") << quoted(host);
  std::cout << "]}\n";
}

/// Hands out what the store has to send. A crash before command_sent() hands it out again.
void send(muster::Store& store) {
  for (;;) {
    std::vector<muster::OutboxId> sent;
    for (const auto& command : require(store.pending_commands(0, kCommandsAtOnce))) {
      print(command);
      sent.push_back(command.id);
    }
    if (sent.empty()) return;
    if (!std::cout.flush()) std::exit(1);  // nobody takes them: they stay in the store
    require(store.command_sent(sent));
  }
}

/// A uuid that was given must not come again, and counters of a store do where a backup takes its
/// place.
std::string random_begin() {
  std::random_device random;
  std::string begin;
  for (int i = 0; i < 4; ++i) begin += std::to_string(random()) + '-';
  return begin;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    return std::cerr << "usage: appliance DIR [BEGIN-OF-UUIDS] < EVENTS > COMMANDS\n", 2;
  }
  muster::StoreOptions options;
  options.path = argv[1];
  options.log = [](muster::LogLevel, std::string_view line) { std::cerr << line << '\n'; };
  muster::Store store = require(muster::Store::open(options));
  send(store);  // what the last run left
  const std::string begin = argc == 3 ? argv[2] : random_begin();
  std::uint64_t issued = 0;
  muster::Timestamp now = muster::kTimestampMin;  // time comes with the events
  muster::Timestamp last_pass = now;
  int events = 0;
  for (std::string line; std::getline(std::cin, line) || events > 0;) {
    const bool at_end = !std::cin;
    if (!at_end && !line.empty()) {
      const muster::Event event = muster::parse_canonical_line(line);
      const muster::Applied applied = require(store.apply({&event, 1}));  // it is on the disk
      const muster::EventResult& result = applied.results.front();
      const bool refused = refusal_of(result.outcome) != muster::Refusal::kNone;
      if (refused) std::cerr << name_of(result.outcome) << ' ' << result.detail << '\n';
      if (!refused) now = std::max(now, event.at);
      if (++events < kEventsPerPass && now.micros - last_pass.micros < kMicrosPerPass) continue;
    }
    require(store.reconcile(now, [&] { return begin + std::to_string(++issued); }));
    send(store);
    last_pass = now;
    events = 0;
  }
  check(store.close());
}
