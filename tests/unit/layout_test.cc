// Keys: their bytes are on disk, and their byte order is the order that scans rely on.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/host.h"
#include "store/layout.h"

namespace muster::store {
namespace {

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<std::uint8_t>(byte);
    out += {kDigits[value >> 4], kDigits[value & 15]};
  }
  return out;
}

const std::vector<std::uint32_t> kNumbers = {0,      1,      2,          255,        256,
                                             65'535, 65'536, 0x01020304, 0x7FFFFFFF, UINT32_MAX};
const std::vector<std::string> kHosts = {"",
                                         std::string(1, '\0'),
                                         std::string("\0a", 2),
                                         "H",
                                         std::string("H\0", 2),
                                         "H1",
                                         "HA",
                                         "Ha",
                                         "a",
                                         "\x7F",
                                         "\xC3\xA4",
                                         "\xFF",
                                         "\xFF\xFF"};
const std::vector<std::int64_t> kTimes = {
    core::kDueNow.micros,  core::kDueNow.micros + 1, -1'000'000, -1, 0, 1, 255, 256,
    1'748'736'000'000'000, core::kNotDue.micros - 1};

/// Keys in the order in which their parts stand must stand in that order as bytes.
template <typename Parts>
void expect_same_order(const std::vector<std::pair<Parts, std::string>>& keys) {
  for (const auto& [left, left_key] : keys) {
    for (const auto& [right, right_key] : keys) {
      EXPECT_EQ(left < right, left_key < right_key) << hex(left_key) << " and " << hex(right_key);
      EXPECT_EQ(left == right, left_key == right_key) << hex(left_key) << " and " << hex(right_key);
    }
  }
}

TEST(Layout, FamiliesKeepTheirNumbersAndNames) {
  const std::vector<std::pair<int, std::string>> expected = {
      {1, "meta"}, {2, "catalog"}, {3, "hosts"},   {4, "commands"}, {5, "groups"},     {6, "pages"},
      {7, "due"},  {8, "failed"},  {9, "changes"}, {10, "outbox"},  {11, "statements"}};
  std::vector<std::pair<int, std::string>> families;
  for (const FamilyInfo& info : kFamilies) {
    families.emplace_back(static_cast<int>(info.family), info.name);
    EXPECT_EQ(name_of(info.family), info.name);
  }
  EXPECT_EQ(families, expected);
  EXPECT_EQ(kFormatVersion, 1u);
}

TEST(Layout, KeysAreTheBytesOfFormatOne) {
  EXPECT_EQ(hex(kFormatKey), "666f726d6174");
  EXPECT_EQ(hex(kPolicyKey), "706f6c696379");
  EXPECT_EQ(hex(kFanOutKey), "66616e6f7574");
  EXPECT_EQ(hex(kFanOutProgressKey), "66616e6f75742d70726f6772657373");
  EXPECT_EQ(hex(label_key(core::LabelNumber{1})), "4c00000001");
  EXPECT_EQ(hex(version_key(core::VersionNumber{0x01020304})), "5601020304");
  EXPECT_EQ(hex(profile_key(core::ProfileNumber{256})), "5000000100");
  EXPECT_EQ(hex(team_key(UINT32_MAX)), "54ffffffff");
  EXPECT_EQ(hex(kCatalogCountersKey), "43");
  EXPECT_EQ(hex(command_key(core::CommandNumber{0x0000A1B2C3D4E5F6})), "6e0000a1b2c3d4e5f6");
  EXPECT_EQ(hex(command_uuid_key("ab")), "756162");
  EXPECT_EQ(hex(group_key(0x0102030405060708)), "0102030405060708");
  EXPECT_EQ(hex(times_page_key(3)), "7400000003");
  EXPECT_EQ(hex(kStatePageKey), "73");
  EXPECT_EQ(hex(due_key(core::kDueNow, "H1")), "004831");
  EXPECT_EQ(hex(due_key(Timestamp{0}, "H1")), "0180000000000000004831");
  EXPECT_EQ(hex(due_key(Timestamp{-1}, "H1")), "017fffffffffffffff4831");
  EXPECT_EQ(hex(due_key(Timestamp{1'748'736'000'000'000}, "")), "018006367754160000");
  EXPECT_EQ(hex(due_later_prefix(Timestamp{256})), "018000000000000100");
  EXPECT_EQ(hex(failed_key(core::ProfileNumber{7}, "H1")), "000000074831");
  EXPECT_EQ(hex(failed_prefix(core::ProfileNumber{7})), "00000007");
}

TEST(Layout, DueKeysStandInOrderOfTheirTimesAndHosts) {
  std::vector<std::pair<std::pair<std::int64_t, std::string>, std::string>> keys;
  for (const std::int64_t time : kTimes) {
    for (const std::string& host : kHosts) {
      keys.push_back({{time, host}, due_key(Timestamp{time}, host)});
    }
  }
  expect_same_order(keys);
}

TEST(Layout, FailedKeysStandInOrderOfTheirProfilesAndHosts) {
  std::vector<std::pair<std::pair<std::uint32_t, std::string>, std::string>> keys;
  for (const std::uint32_t profile : kNumbers) {
    for (const std::string& host : kHosts) {
      keys.push_back({{profile, host}, failed_key(core::ProfileNumber{profile}, host)});
    }
  }
  expect_same_order(keys);
}

TEST(Layout, CatalogKeysStandInOrderOfTheirKindsAndNumbers) {
  std::vector<std::pair<std::pair<char, std::uint32_t>, std::string>> keys;
  for (const std::uint32_t number : kNumbers) {
    keys.push_back({{'L', number}, label_key(core::LabelNumber{number})});
    keys.push_back({{'V', number}, version_key(core::VersionNumber{number})});
    keys.push_back({{'P', number}, profile_key(core::ProfileNumber{number})});
    keys.push_back({{'T', number}, team_key(number)});
    keys.push_back({{'t', number}, times_page_key(number)});
  }
  expect_same_order(keys);
}

TEST(Layout, NumberedKeysStandInOrderOfTheirNumbers) {
  std::vector<std::pair<std::uint64_t, std::string>> groups;
  std::vector<std::pair<std::uint64_t, std::string>> commands;
  for (const std::uint32_t high : {0u, 1u, 0xFFFFu}) {
    for (const std::uint32_t low : kNumbers) {
      const std::uint64_t number = (std::uint64_t{high} << 32) | low;
      groups.emplace_back(number, group_key(number));
      commands.emplace_back(number, command_key(core::CommandNumber{number}));
    }
  }
  expect_same_order(groups);
  expect_same_order(commands);
}

TEST(Layout, DueKeysAreReadAgain) {
  for (const std::int64_t time : kTimes) {
    for (const std::string& host : kHosts) {
      const std::string key = due_key(Timestamp{time}, host);
      const auto parsed = parse_due_key(key);
      ASSERT_TRUE(parsed.has_value()) << hex(key);
      EXPECT_EQ(parsed->due.micros, time);
      EXPECT_EQ(parsed->host_uuid, host);
    }
  }
}

TEST(Layout, FailedKeysAreReadAgain) {
  for (const std::uint32_t profile : kNumbers) {
    for (const std::string& host : kHosts) {
      const std::string key = failed_key(core::ProfileNumber{profile}, host);
      const auto parsed = parse_failed_key(key);
      ASSERT_TRUE(parsed.has_value()) << hex(key);
      EXPECT_EQ(core::to_integer(parsed->profile), profile);
      EXPECT_EQ(parsed->host_uuid, host);
    }
  }
}

TEST(Layout, NumbersAreReadAgain) {
  for (const std::uint32_t number : kNumbers) {
    EXPECT_EQ(parse_u32(label_key(core::LabelNumber{number}).substr(1)), number);
    EXPECT_EQ(parse_u32(times_page_key(number).substr(1)), number);
    EXPECT_EQ(parse_u64(group_key(number)), number);
    EXPECT_EQ(parse_u64(command_key(core::CommandNumber{number}).substr(1)), number);
  }
}

TEST(Layout, KeysOfOtherShapesAreRefused) {
  for (const std::string& key : {std::string(), std::string("\x01", 1), std::string(8, '\1'),
                                 std::string("\x02H"), std::string("\xFF")}) {
    EXPECT_FALSE(parse_due_key(key).has_value()) << hex(key);
  }
  for (std::size_t size = 0; size < 4; ++size) {
    EXPECT_FALSE(parse_failed_key(std::string(size, '\0')).has_value());
    EXPECT_FALSE(parse_u32(std::string(size, '\0')).has_value());
  }
  EXPECT_FALSE(parse_u32(std::string(5, '\0')).has_value());
  EXPECT_FALSE(parse_u64(std::string(7, '\0')).has_value());
  EXPECT_FALSE(parse_u64(std::string(9, '\0')).has_value());
}

TEST(Layout, ADeadlinesPrefixIsAboveAllEarlierOnes) {
  for (const std::int64_t deadline : kTimes) {
    if (deadline == core::kDueNow.micros) continue;
    const std::string prefix = due_later_prefix(Timestamp{deadline});
    for (const std::int64_t time : kTimes) {
      for (const std::string& host : kHosts) {
        EXPECT_EQ(time < deadline, due_key(Timestamp{time}, host) < prefix);
      }
    }
  }
}

TEST(Layout, TheKeyAfterAPrefixIsTheLeastThatIsGreater) {
  EXPECT_EQ(after_prefix(""), "");
  EXPECT_EQ(after_prefix("a"), "b");
  EXPECT_EQ(after_prefix("a\xFF"), "b");
  EXPECT_EQ(after_prefix("\x7F"), "\x80");
  EXPECT_EQ(after_prefix(std::string("\0\xFF\xFF", 3)), "\x01");
  EXPECT_EQ(after_prefix("\xFF"), "");
  EXPECT_EQ(after_prefix("\xFF\xFF"), "");
}

}  // namespace
}  // namespace muster::store
