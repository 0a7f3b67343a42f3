// Where a file of RocksDB's log format stops to be whole.
#include <gtest/gtest.h>

#include <boost/crc.hpp>
#include <cstring>
#include <string>

#include "base/crc32c.h"
#include "store/log_files.h"

namespace muster::store {
namespace {

std::string record(int type, const std::string& payload) {
  const std::string summed = std::string(1, static_cast<char>(type)) + payload;
  const std::uint32_t sum = base::crc32c(summed);
  const std::uint32_t masked = ((sum >> 15) | (sum << 17)) + 0xa282ead8;
  const auto length = static_cast<std::uint16_t>(payload.size());
  std::string bytes(6, '\0');
  std::memcpy(bytes.data(), &masked, sizeof masked);
  std::memcpy(bytes.data() + 4, &length, sizeof length);
  return bytes + summed;
}

std::uint64_t whole_bytes(const std::string& log) {
  LogScan scan;
  for (std::size_t at = 0; at < log.size(); at += LogScan::kBlockBytes) {
    if (!scan.add_block(std::string_view(log).substr(at, LogScan::kBlockBytes))) break;
  }
  return scan.whole_bytes();
}

TEST(Crc32c, IsCastagnolis) {
  EXPECT_EQ(base::crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(base::crc32c(""), 0U);
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + 11));
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> table;
    table.process_bytes(bytes.data(), bytes.size());
    EXPECT_EQ(base::crc32c(bytes), table.checksum()) << size;
    const std::string_view all = bytes;
    EXPECT_EQ(base::crc32c(all.substr(size / 3), base::crc32c(all.substr(0, size / 3))),
              table.checksum())
        << size;
  }
}

TEST(LogScan, EndsBehindTheLastWholeRecord) {
  const std::string one = record(1, "payload");
  const std::string parts = record(2, "first") + record(3, "middle") + record(4, "last");
  const struct {
    const char* what;
    std::string log;
    std::uint64_t whole;
  } cases[] = {
      {"nothing", "", 0},
      {"records", one + parts + one, 2 * one.size() + parts.size()},
      {"an empty record", record(1, ""), 7},
      {"a piece without its last", one + record(2, "first") + record(3, "middle"), one.size()},
      {"a last without its first", one + record(4, "last"), one.size()},
      {"a record inside another", one + record(2, "first") + one, one.size()},
      {"an unknown type", one + record(5, "x"), one.size()},
      {"zeros", one + std::string(20, '\0'), one.size()},
      {"half a header", one + one.substr(0, 5), one.size()},
      {"half a record", one + one.substr(0, 9), one.size()},
  };
  for (const auto& example : cases) {
    EXPECT_EQ(whole_bytes(example.log), example.whole) << example.what;
  }
}

TEST(LogScan, TellsHowRecordsBegin) {
  const std::string log = record(1, "whole") + record(2, "f") + record(3, "") + record(3, "irs") +
                          record(4, "t and last") + record(1, "") + record(2, "never whole");
  std::string told;
  LogScan scan(
      [&](std::uint64_t at, std::string_view begin) {
        told += std::to_string(at) + ":" + std::string(begin) + " ";
      },
      6);
  EXPECT_TRUE(scan.add_block(log));
  EXPECT_EQ(told, "0:whole 12:first  54: ");
}

TEST(LogScan, GoesOnFromBlockToBlock) {
  const std::string first = record(2, std::string(LogScan::kBlockBytes - 7, 'a'));
  ASSERT_EQ(first.size(), LogScan::kBlockBytes);
  const std::string last = record(4, "the rest");
  EXPECT_EQ(whole_bytes(first + last), first.size() + last.size());
  EXPECT_EQ(whole_bytes(first), 0U);
  // Less than a header is left of the block.
  const std::string nearly = record(1, std::string(LogScan::kBlockBytes - 7 - 4, 'b'));
  const std::string padded = nearly + std::string(4, '\0') + last;
  EXPECT_EQ(whole_bytes(nearly + std::string(4, '\0') + record(1, "next")),
            LogScan::kBlockBytes + 11);
  EXPECT_EQ(whole_bytes(padded), nearly.size());
}

TEST(LogScan, FindsEveryFlippedBit) {
  const std::string log = record(1, "one") + record(2, "two") + record(4, "three") + record(1, "");
  for (std::size_t bit = 0; bit < 8 * log.size(); ++bit) {
    std::string damaged = log;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_LT(whole_bytes(damaged), log.size()) << bit;
  }
}

}  // namespace
}  // namespace muster::store
