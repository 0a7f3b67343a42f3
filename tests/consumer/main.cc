// Uses the installed library: applies an event to the store at the path given, and reads it back.
#include <muster/snapshot.h>
#include <muster/store.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto store = muster::Store::open({.path = argv[1]});
  if (!store.ok()) return std::cerr << store.status().message() << '\n', 1;
  const muster::Event events[] = {{muster::Timestamp{1}, muster::HostAdded{"MAC-1"}}};
  const auto applied = store->apply(events);
  if (!applied.ok()) return std::cerr << applied.status().message() << '\n', 1;
  const auto stats = store->stats();
  if (!stats.ok() || stats->hosts != 1) return std::cerr << "the host is not there\n", 1;
  return store->close().ok() ? 0 : 1;
}
