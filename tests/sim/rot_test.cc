// Bit rot: one place of one file of a store is damaged, whichever. Found means: the open refuses, a
// read fails, or check() names something. Harmless means: the export is the same to the last byte,
// and check() is clean. Anything else is silent, and there is nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/sim/replay.h"
#include "tests/sim/scenario.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"
#include "tests/support/tally.h"

namespace muster::test {
namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kWatermarkRecordBytes = 32;
constexpr std::size_t kFlipsUsual = 2000;
/// Builds with checks of memory or threads try every so many-th damage.
constexpr std::size_t kStride = kSanitized ? 100 : 1;

/// MUSTER_ROT_FLIPS: so many bits of each store, spread evenly; at least 8 of each file.
std::size_t flips() {
  const char* asked = std::getenv("MUSTER_ROT_FLIPS");
  return asked == nullptr ? kFlipsUsual : std::strtoull(asked, nullptr, 10);
}

enum class Found { kAtOpen, kAtRead, kByCheck, kHarmless, kSilent };
constexpr std::array<const char*, 5> kFoundNames = {"open", "read", "check", "harmless", "SILENT"};

std::string kind_of(const std::string& path) {
  if (path.ends_with(".sst")) return "table";
  if (path.ends_with(".log")) return "log";
  if (path.ends_with(".mrec")) return "segment";
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.find('-'));
}

/// A store on a disk that nobody writes, and what it holds.
struct Fixture {
  Disk disk;
  StoreState state;
  Machine::Recorder recorder = Machine::Recorder::kOff;
  std::vector<Disk> older;  ///< the same store at earlier times
};

/// As the process left it. A power loss takes the last second of the watermark.
Disk disk_after(const SimRun& run, std::size_t operations) {
  Disk disk = new_disk();
  for (std::size_t i = 0; i < operations; ++i) disk.perform(run.trace[i]);
  return disk;
}

/// Killed behind its last answer, or closed.
Fixture make_fixture(std::uint64_t seed, Machine::Recorder recorder, bool closed) {
  const Scenario scenario = make_scenario({seed, 24, 150, {Durability::kSync}, recorder});
  const SimRun run = run_scenario(scenario);
  require_ok(run.failure, "run");
  const std::size_t all = scenario.events.size();
  std::size_t killed_at = run.trace.size();
  for (const Mark& mark : run.marks) {
    if (mark.durable == all) killed_at = std::min(killed_at, mark.operations);
  }
  const std::size_t end = closed ? run.trace.size() : killed_at;
  Fixture fixture{disk_after(run, end), scenario.after[all], recorder, {}};
  for (const std::size_t part : {2U, 3U}) {
    fixture.older.push_back(disk_after(run, end / 4 * part));
  }
  return fixture;
}

/// Behind a power loss, where the watermark had been synced with the last answer.
std::optional<Fixture> make_power_lost(std::uint64_t seed) {
  const Scenario scenario = make_scenario({seed, 24, 150, {Durability::kSync}});
  const SimRun run = run_scenario(scenario);
  require_ok(run.failure, "run");
  // The last mark is the close, which syncs.
  for (std::size_t at = run.marks.size() - 1; at-- > run.marks.size() / 2;) {
    const Mark& mark = run.marks[at];
    const Disk disk = disk_after(run, mark.operations);
    const auto watermark = disk.file(disk.find("watermark").value());
    const bool synced = watermark->synced == watermark->bytes.size();
    if (mark.durable < mark.attempted || !synced) continue;
    if (watermark->bytes.size() == kWatermarkRecordBytes) continue;  // begun anew, which syncs
    Fixture fixture{disk.after_power_loss(ImageKind::kSynced, seed),
                    scenario.after[mark.durable],
                    Machine::Recorder::kOff,
                    {}};
    for (const std::size_t part : {2U, 3U}) {
      fixture.older.push_back(disk_after(run, mark.operations / 4 * part));
    }
    return fixture;
  }
  return std::nullopt;
}

Found look(const Fixture& fixture, Disk disk) {
  Machine machine(std::move(disk), fixture.recorder);
  Result<Store> store = machine.open(Durability::kBuffered);
  if (!store.ok()) return Found::kAtOpen;
  Found found = Found::kHarmless;
  try {
    const StoreState state = state_of(*store);
    const bool clean = findings_of(*store).empty();
    if (!clean) found = Found::kByCheck;
    if (clean && !(state == fixture.state)) {
      found = Found::kSilent;
      std::cout << compared(fixture.state, state) << '\n';
    }
  } catch (const std::runtime_error&) {
    found = Found::kAtRead;
  }
  machine.env().pump();
  if (!store->close().ok()) machine.leave_behind();
  return found;
}

class Rot {
 public:
  explicit Rot(const Fixture& fixture) : fixture_(fixture) {}

  void damage(const std::string& path, const std::string& how,
              const std::function<void(Disk&)>& change) {
    if (seen_++ % kStride != 0) return;
    Disk disk = fixture_.disk.copy();
    change(disk);
    if (disk.fingerprint() == fixture_.disk.fingerprint()) return;
    const Found found = look(fixture_, std::move(disk));
    ++tried_;
    ++table_[kind_of(path) + ", " + how][static_cast<std::size_t>(found)];
    if (found == Found::kSilent && ++silent_ <= 3) {
      ADD_FAILURE() << path << ": " << how << " is silent";
    }
  }
  void flip(const std::string& path, std::size_t bit) {
    damage(path, "a bit", [&](Disk& disk) {
      char& byte = disk.content(path)[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
    });
  }
  void print() const {
    std::cout << std::left << std::setw(28) << "damage" << std::right;
    for (const char* name : kFoundNames) std::cout << std::setw(10) << name;
    for (const auto& [what, counts] : table_) {
      std::cout << '\n' << std::left << std::setw(28) << what << std::right;
      for (const std::size_t count : counts) std::cout << std::setw(10) << count;
    }
    std::cout << std::endl;
  }
  std::size_t silent() const { return silent_; }
  std::size_t tried() const { return tried_; }
  std::size_t count(const std::string& what, Found found) const {
    const auto at = table_.find(what);
    return at == table_.end() ? 0 : at->second[static_cast<std::size_t>(found)];
  }

 private:
  const Fixture& fixture_;
  std::map<std::string, std::array<std::size_t, kFoundNames.size()>> table_;
  std::size_t seen_ = 0;
  std::size_t tried_ = 0;
  std::size_t silent_ = 0;
};

/// Nothing reads them.
bool is_idle(const std::string& path) {
  return kind_of(path) == "OPTIONS" || kind_of(path) == "IDENTITY";
}

void flip_bits(Rot& rot, const Disk& disk, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::size_t total = 0;
  for (const auto& [path, number] : disk.names()) {
    if (!is_idle(path)) total += 8 * disk.file(number)->bytes.size();
  }
  for (const auto& [path, number] : disk.names()) {
    const std::size_t bits = 8 * disk.file(number)->bytes.size();
    if (bits == 0) continue;
    const std::size_t share = is_idle(path) ? 0 : bits * flips() / total;
    const std::size_t wanted = std::max<std::size_t>(8, share);
    const std::size_t stride = std::max<std::size_t>(1, bits / wanted);
    // Another one in each stride: a stride of whole bytes would meet the same bit of all of them.
    for (std::size_t begin = 0; begin < bits; begin += stride) {
      rot.flip(path, begin + random() % std::min(stride, bits - begin));
    }
  }
}

void damage_sectors(Rot& rot, const Disk& disk, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (const auto& [path, number] : disk.names()) {
    const std::size_t sectors = (disk.file(number)->bytes.size() + kSectorBytes - 1) / kSectorBytes;
    std::vector<std::size_t> order(sectors);
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), random);
    order.resize(std::min<std::size_t>(sectors, 4));
    for (const std::size_t sector : order) {
      const std::size_t at = sector * kSectorBytes;
      const std::size_t from = random() % sectors * kSectorBytes;
      rot.damage(path, "a sector of zeros", [&](Disk& damaged) {
        std::string& bytes = damaged.content(path);
        const std::size_t count = std::min(kSectorBytes, bytes.size() - at);
        bytes.replace(at, count, count, '\0');
      });
      rot.damage(path, "a sector of elsewhere", [&](Disk& damaged) {
        std::string& bytes = damaged.content(path);
        const std::string other = bytes.substr(from, kSectorBytes);
        bytes.replace(at, std::min(other.size(), bytes.size() - at), other);
      });
    }
  }
}

void damage_files(Rot& rot, const Fixture& fixture) {
  for (const auto& [path, number] : fixture.disk.names()) {
    rot.damage(path, "the file gone", [&](Disk& disk) {
      disk.perform({Op::kRemove, path, {}, 0, {}, 0});
    });
    rot.damage(path, "half of it gone", [&](Disk& disk) {
      std::string& bytes = disk.content(path);
      bytes.resize(bytes.size() / 2);
    });
    for (const auto& [other, unused] : fixture.disk.names()) {
      if (other <= path || kind_of(other) != kind_of(path)) continue;
      rot.damage(path, "two of them swapped",
                 [&](Disk& disk) { std::swap(disk.content(path), disk.content(other)); });
    }
    for (const Disk& older : fixture.older) {
      const auto then = older.find(path);
      if (!then) continue;
      rot.damage(path, "an older one",
                 [&](Disk& disk) { disk.content(path) = older.file(*then)->bytes; });
    }
  }
}

void rot_all(const Fixture& fixture, std::uint64_t seed, const char* how) {
  ASSERT_EQ(look(fixture, fixture.disk.copy()), Found::kHarmless) << "as it is";
  Rot rot(fixture);
  flip_bits(rot, fixture.disk, seed);
  damage_sectors(rot, fixture.disk, seed);
  damage_files(rot, fixture);
  std::cout << "seed " << seed << ", " << how << '\n';
  rot.print();
  tally("damages", rot.tried());
  EXPECT_EQ(rot.silent(), 0U);
  if (kStride > 1) return;
  EXPECT_GT(rot.count("log, a bit", Found::kAtOpen) + rot.count("log, a bit", Found::kHarmless),
            0U);
  EXPECT_GT(rot.count("MANIFEST, a bit", Found::kAtOpen), 0U);
  // What is not cold is found at open.
  for (const char* kind : {"log, a bit", "MANIFEST, a bit", "CURRENT, a bit"}) {
    EXPECT_EQ(rot.count(kind, Found::kAtRead) + rot.count(kind, Found::kByCheck), 0U) << kind;
  }
}

TEST(BitRot, ofAKilledStoreIsNeverSilent) {
  for (const std::uint64_t seed : seeds_from(21)) {
    rot_all(make_fixture(seed, Machine::Recorder::kOff, false), seed, "killed");
  }
}

TEST(BitRot, ofAClosedStoreIsNeverSilent) {
  for (const std::uint64_t seed : seeds_from(22)) {
    rot_all(make_fixture(seed, Machine::Recorder::kOff, true), seed, "closed");
  }
}

TEST(BitRot, ofAStoreWithARecorderIsNeverSilent) {
  for (const std::uint64_t seed : seeds_from(23)) {
    rot_all(make_fixture(seed, Machine::Recorder::kOn, false), seed, "killed, with a recorder");
  }
}

/// A watermark that is older than the last answer would not know of it.
TEST(BitRot, behindAPowerLossIsNeverSilent) {
  for (const std::uint64_t seed : seeds_from(24)) {
    const auto fixture = make_power_lost(seed);
    ASSERT_TRUE(fixture.has_value()) << "the watermark was never synced";
    rot_all(*fixture, seed, "lost power");
  }
}

}  // namespace
}  // namespace muster::test
