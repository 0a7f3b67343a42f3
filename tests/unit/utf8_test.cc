#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/hash.h"

namespace muster::base {
namespace {

TEST(Utf8, AcceptsWellFormedText) {
  for (std::string_view text :
       {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "eight bytes and more \xE2\x82\xAC and on and on"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesMalformedText) {
  for (std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE2\x82",
        "\xE2\x28\xA1", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "long enough for a block \xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, CutsAtCharacters) {
  const std::string_view text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";  // 1 + 2 + 3 + 4 + 1
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (std::size_t bytes = 0; bytes < std::size(expected); ++bytes) {
    EXPECT_EQ(cut_utf8(text, bytes).size(), expected[bytes]) << bytes;
    EXPECT_TRUE(is_utf8(cut_utf8(text, bytes)));
  }
}

TEST(Hash, PrintsTheHighHalfFirst) {
  EXPECT_EQ(to_string(hash128("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_string(Digest{1, 0xAB}), "000000000000000100000000000000ab");
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2U);
}

TEST(Hash, SumsCarry) {
  EXPECT_EQ((Digest{0, UINT64_MAX} + Digest{0, 1}), (Digest{1, 0}));
  EXPECT_EQ((Digest{UINT64_MAX, UINT64_MAX} + Digest{0, 1}), (Digest{0, 0}));
  EXPECT_EQ((Digest{1, 2} + Digest{3, 4}), (Digest{4, 6}));
}

}  // namespace
}  // namespace muster::base
