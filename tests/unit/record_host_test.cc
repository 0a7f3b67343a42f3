// Host records: what is written is read again, and nothing else is read.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"
#include "schema/host_generated.h"
#include "store/host_record.h"
#include "store/packed_host.h"
#include "tests/support/fleet.h"
#include "tests/support/record_damage.h"

namespace muster::store {
namespace {

using core::Catalog;
using core::Host;
using core::LabelNumber;
using core::Slot;
using core::VersionNumber;
using test::RandomValues;

/// Profiles whose numbers are in another order than their uuids; two versions each.
Catalog make_catalog(std::uint32_t profiles) {
  Catalog catalog;
  for (std::uint32_t i = 0; i < 2 * profiles; ++i) {
    const std::uint32_t profile = i % profiles;
    core::ProfileVersion version;
    version.number = VersionNumber{i + 1};
    version.profile = core::ProfileNumber{profile + 1};
    version.profile_uuid = "p" + std::to_string(10'000 + (profile * 7919) % profiles);
    version.identifier = "com.example." + std::to_string(profile);
    version.name = "Profile " + std::to_string(i);
    catalog.restore_version(std::move(version));
  }
  return catalog;
}

void sort_slots(const Catalog& catalog, Host& host) {
  std::sort(host.slots.begin(), host.slots.end(), [&](const Slot& left, const Slot& right) {
    return catalog.version(left.version()).profile_uuid <
           catalog.version(right.version()).profile_uuid;
  });
}

void add_row(RandomValues& random, Host& host, VersionNumber version) {
  Slot slot(version, random.chance(50) ? Operation::kInstall : Operation::kRemove,
            static_cast<DeliveryStatus>(random.below(5)),
            random.chance(50) ? Scope::kSystem : Scope::kUser);
  slot.set_command(core::CommandNumber{random.number() & core::kCommandNumberMax});
  slot.set_ignore_error(random.chance(50));
  slot.set_retries(static_cast<int>(random.below(256)));
  host.slots.push_back(slot);
  if (random.chance(30)) host.set_detail(slot, "d" + random.text(200));
  if (random.chance(30)) host.set_variables(slot, Timestamp{random.signed_number()});
}

Host random_host(RandomValues& random, const Catalog& catalog, std::uint32_t rows_max) {
  Host host;
  host.uuid = random.id();
  host.ordinal = core::HostOrdinal{random.number32()};
  host.platform = static_cast<Platform>(1 + random.below(4));
  host.team = random.number32();
  host.enrolled = random.chance(50);
  host.user_channel = random.chance(50);
  host.enrolled_at = Timestamp{random.signed_number()};
  host.reconciled = random.number();
  host.last_fan_out = random.number();
  host.due = Timestamp{random.signed_number()};
  if (random.chance(30)) host.due = core::kNotDue;
  if (random.chance(30)) host.due = core::kDueNow;
  std::uint32_t label = 0;
  for (std::uint64_t left = random.below(6); left > 0; --left) {
    label += 1 + static_cast<std::uint32_t>(random.below(1000));
    host.labels.push_back(LabelNumber{label});
  }
  const auto profiles = static_cast<std::uint32_t>(catalog.versions().size() / 2);
  const std::uint64_t rows = random.below(rows_max + 1);
  for (std::uint32_t i = 0; i < profiles && host.slots.size() < rows; ++i) {
    if (random.chance(30)) continue;
    add_row(random, host, VersionNumber{1 + i + (random.chance(50) ? profiles : 0)});
  }
  sort_slots(catalog, host);
  return host;
}

std::vector<char> copy_of(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

class HostRecord : public testing::Test {
 protected:
  HostRecord() { std::cout << "MUSTER_SEED=" << seed_ << '\n'; }

  Host host_with_rows() {
    Host host;
    do {
      host = random_host(random_, catalog_, 12);
    } while (host.slots.size() < 3 || host.details.size() < 2 || host.variables.size() < 2 ||
             host.labels.size() < 2);
    return host;
  }

  /// The reason for which a host is refused that is sealed as it is.
  std::string reason(const Host& host) const {
    const auto decoded = decode_host(host.uuid, encode_host(host), catalog_);
    if (decoded.ok()) return "accepted";
    EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
    return std::string(decoded.status().message());
  }

  void expect_reason(const std::string& words, const std::function<void(Host&)>& change) {
    Host host = host_with_rows();
    ASSERT_EQ(reason(host), "accepted");
    change(host);
    EXPECT_NE(reason(host).find(words), std::string::npos) << reason(host);
  }

  const std::uint64_t seed_ = test::seed_or(20250601);
  RandomValues random_{seed_};
  const Catalog catalog_ = make_catalog(20);
};

TEST_F(HostRecord, RoundTrips) {
  for (int i = 0; i < 5'000; ++i) {
    const Host host = random_host(random_, catalog_, 20);
    const auto decoded = decode_host(host.uuid, encode_host(host), catalog_);
    ASSERT_TRUE(decoded.ok()) << i << ": " << decoded.status().to_string();
    EXPECT_TRUE(decoded->same_record(host)) << i;
    EXPECT_EQ(decoded->uuid, host.uuid) << i;
  }
}

TEST_F(HostRecord, SameHostSameBytes) {
  for (int i = 0; i < 200; ++i) {
    const Host host = random_host(random_, catalog_, 20);
    const auto decoded = decode_host(host.uuid, encode_host(host), catalog_);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(encode_host(*decoded), encode_host(host)) << i;
  }
}

TEST_F(HostRecord, PackedForMemoryItIsTheSame) {
  HostPacker packer;
  Host unpacked = host_with_rows();  // its memory serves again
  for (int i = 0; i < 5'000; ++i) {
    const Host host = random_host(random_, catalog_, 20);
    const SealedRecord record{random_.number(), random_.number32()};
    // At the end of a block of its own, so that address checks see a read behind it.
    const std::vector<char> packed = copy_of(packer.pack(host, record));
    SealedRecord read;
    unpack_host({packed.data(), packed.size()}, unpacked, read);
    EXPECT_TRUE(unpacked.same_record(host)) << i;
    EXPECT_EQ(read.envelope_hash, record.envelope_hash) << i;
    EXPECT_EQ(read.bytes, record.bytes) << i;
    EXPECT_EQ(packed_ordinal({packed.data(), packed.size()}), host.ordinal) << i;
  }
}

TEST_F(HostRecord, RowsOfOnePassAreSmallInMemory) {
  Host host;
  host.uuid = "usual";
  for (std::uint32_t i = 1; i <= 30; ++i) {
    Slot slot(VersionNumber{900 + i * 7 % 200}, Operation::kInstall, DeliveryStatus::kVerified,
              Scope::kSystem);
    slot.set_command(core::CommandNumber{40'000'000'000U + i * 5});
    host.slots.push_back(slot);
  }
  EXPECT_LE(HostPacker().pack(host, {}).size(), 200U);
  host.slots[7].set_command(core::kNoCommand);
  host.slots[8].set_status(DeliveryStatus::kFailed);
  EXPECT_LE(HostPacker().pack(host, {}).size(), 400U);
  EXPECT_GE(encode_host(host).size(), 400U);
}

TEST_F(HostRecord, HoldsAsManyRowsAsAHostMayHave) {
  const Catalog large = make_catalog(kRowsPerHostMax + 1);
  Host host;
  host.uuid = "large";
  for (std::uint32_t i = 1; i <= kRowsPerHostMax; ++i) {
    host.slots.emplace_back(VersionNumber{i}, Operation::kInstall, DeliveryStatus::kVerified,
                            Scope::kSystem);
  }
  sort_slots(large, host);
  const auto decoded = decode_host(host.uuid, encode_host(host), large);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  EXPECT_TRUE(decoded->same_record(host));
  HostPacker packer;
  Host unpacked;
  SealedRecord record;
  unpack_host(packer.pack(host, {}), unpacked, record);
  EXPECT_TRUE(unpacked.same_record(host));
  host.slots.emplace_back(VersionNumber{kRowsPerHostMax + 1}, Operation::kInstall,
                          DeliveryStatus::kVerified, Scope::kSystem);
  sort_slots(large, host);
  const auto refused = decode_host(host.uuid, encode_host(host), large);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("too many rows"), std::string::npos);
}

TEST_F(HostRecord, RefusesEveryCutAndEveryFlippedBit) {
  for (int i = 0; i < 20; ++i) {
    const Host host = random_host(random_, catalog_, 12);
    test::expect_damage_refused(encode_host(host), [&](std::string_view sealed) {
      return decode_host(host.uuid, sealed, catalog_).ok();
    });
    if (HasFatalFailure()) FAIL() << "host " << i;
  }
}

TEST_F(HostRecord, RefusesTheRecordOfAnotherHost) {
  for (int i = 0; i < 100; ++i) {
    const Host host = random_host(random_, catalog_, 12);
    const std::string other = host.uuid + "x";
    const auto decoded = decode_host(other, encode_host(host), catalog_);
    ASSERT_FALSE(decoded.ok());
    EXPECT_NE(decoded.status().message().find("checksum"), std::string::npos);
    EXPECT_NE(decoded.status().message().find("family hosts, host "), std::string::npos);
  }
}

TEST_F(HostRecord, RefusesUnknownPlatforms) {
  for (const int platform : {0, 5, 255}) {
    expect_reason("platform is unknown",
                  [&](Host& host) { host.platform = static_cast<Platform>(platform); });
  }
}

TEST_F(HostRecord, RefusesRowsThatAreNotInOrder) {
  expect_reason("not in profile_uuid order",
                [](Host& host) { std::swap(host.slots[0], host.slots[1]); });
  expect_reason("not in profile_uuid order",
                [](Host& host) { host.slots.insert(host.slots.begin(), host.slots[0]); });
}

TEST_F(HostRecord, RefusesTwoRowsOfOneProfile) {
  expect_reason("not in profile_uuid order", [](Host& host) {
    Slot other = host.slots[0];
    const std::uint32_t version = core::to_integer(other.version());
    other.set_version(VersionNumber{version > 20 ? version - 20 : version + 20});
    host.slots.insert(host.slots.begin() + 1, other);
  });
}

TEST_F(HostRecord, RefusesUnknownVersions) {
  for (const std::uint32_t version : {0u, 41u, UINT32_MAX}) {
    expect_reason("unknown profile version",
                  [&](Host& host) { host.slots[1].set_version(VersionNumber{version}); });
  }
}

TEST_F(HostRecord, RefusesStatesThatNobodyWrites) {
  using Bytes = std::array<std::uint8_t, sizeof(Slot)>;
  constexpr std::size_t kState = 10;
  for (const int state : {5, 6, 7, 0x40, 0x80, 0xFF}) {
    expect_reason("state is not one", [&](Host& host) {
      auto bytes = std::bit_cast<Bytes>(host.slots[1]);
      bytes[kState] = static_cast<std::uint8_t>(state);
      host.slots[1] = std::bit_cast<Slot>(bytes);
    });
  }
}

TEST_F(HostRecord, RefusesSideDataOfNoRow) {
  expect_reason("side data", [](Host& host) { host.details[0].version = VersionNumber{4000}; });
  expect_reason("side data", [](Host& host) { host.variables[0].version = VersionNumber{0}; });
  expect_reason("side data", [](Host& host) { std::swap(host.details[0], host.details[1]); });
  expect_reason("side data", [](Host& host) { host.variables.push_back(host.variables.back()); });
}

TEST_F(HostRecord, RefusesDatesThatStandAskew) {
  const Host host = host_with_rows();
  constexpr int kVariables = 9;  // schema/host.fbs
  for (const bool askew : {false, true}) {
    const std::string moved =
        test::with_vector_moved(codec::RecordKind::kHost, host.uuid, encode_host(host), kVariables,
                                sizeof(fb::SlotVariables), askew);
    const auto decoded = decode_host(host.uuid, moved, catalog_);
    EXPECT_EQ(decoded.ok(), !askew) << decoded.status().to_string();
    if (decoded.ok()) EXPECT_EQ(decoded->variables, host.variables);
  }
}

TEST_F(HostRecord, RefusesDetailsThatAreNoTexts) {
  expect_reason("not a text", [](Host& host) { host.details[0].text.clear(); });
  expect_reason("not a text", [](Host& host) { host.details[1].text = "bad \xFF byte"; });
}

TEST_F(HostRecord, RefusesLabelsThatAreNotInOrder) {
  expect_reason("labels are not in order",
                [](Host& host) { std::swap(host.labels[0], host.labels[1]); });
  expect_reason("labels are not in order",
                [](Host& host) { host.labels.push_back(host.labels.back()); });
}

}  // namespace
}  // namespace muster::store
