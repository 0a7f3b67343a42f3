// A hash map of hosts, nothing on disk: what the rules cost with the host at hand.
#include <boost/unordered/unordered_flat_map.hpp>

#include "bench/host_table.h"

namespace muster::bench {
namespace {

class MemoryTable : public HostTable {
 public:
  void begin() override {}
  void commit() override { ++use_.commits; }
  EngineUse use() override { return use_; }

  std::optional<core::Host>& load(std::string_view uuid) override {
    const auto at = hosts_.find(uuid);
    if (at != hosts_.end()) return *at->second;
    fresh_.reset();
    return fresh_;
  }
  void put(std::string_view uuid, const std::optional<core::Host>& host) override {
    if (&host == &fresh_) {
      if (host) hosts_.emplace(uuid, std::make_unique<std::optional<core::Host>>(host));
    } else if (!host) {
      hosts_.erase(hosts_.find(uuid));
    }
  }
  void put_times(const core::Host&) override {}
  void visit(const HostRange& range, const std::function<bool(core::Host& host)>& visit) override {
    for (auto& [uuid, host] : hosts_) {
      if (range.holds(uuid)) visit(**host);
    }
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  boost::unordered_flat_map<std::string, std::unique_ptr<std::optional<core::Host>>, Hash,
                            std::equal_to<>>
      hosts_;
  std::optional<core::Host> fresh_;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_memory(const EngineSetting&) {
  return make_engine_over(std::make_unique<MemoryTable>());
}

}  // namespace muster::bench
