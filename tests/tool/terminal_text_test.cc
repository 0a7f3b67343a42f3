#include "tools/terminal_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace muster::tool {
namespace {

struct Case {
  std::string_view text;
  std::string_view shown;
};

class TerminalText : public testing::TestWithParam<Case> {};

TEST_P(TerminalText, IsSafe) {
  EXPECT_EQ(terminal_text(GetParam().text), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TerminalText,
    testing::Values(Case{"", ""}, Case{"com.acme.wifi (4001)", "com.acme.wifi (4001)"},
                    Case{"a\nb\tc\rd", "a\\nb\\tc\\rd"}, Case{"\x1b[2J", "\\u001b[2J"},
                    Case{"\x07\x7f", "\\u0007\\u007f"}, Case{"C:\\dir", "C:\\dir"},
                    Case{"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},  // letters stay
                    Case{"\xf0\x9f\x8d\x8e", "\xf0\x9f\x8d\x8e"},          // an emoji stays
                    Case{"\xc2\x9b", "\\u009b"},                           // C1: CSI
                    Case{"a\xe2\x80\xae"
                         "b",
                         "a\\u202eb"},                                      // right-to-left
                    Case{"\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},     // isolates
                    Case{"\xe2\x80\x8b\xef\xbb\xbf", "\\u200b\\ufeff"},     // invisible
                    Case{"\xf3\xa0\x81\x81", "\\udb40\\udc41"},             // a tag character
                    Case{"\xff", "\\xff"}, Case{"\xc0\xaf", "\\xc0\\xaf"},  // not UTF-8
                    Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"},                // a surrogate
                    Case{"x\xe2\x82", "x\\xe2\\x82"}));                     // cut

TEST(TerminalTextNul, IsShown) {
  EXPECT_EQ(terminal_text(std::string_view("a\0b", 3)), "a\\u0000b");
}

TEST(TerminalWidth, CountsColumns) {
  EXPECT_EQ(terminal_width(""), 0u);
  EXPECT_EQ(terminal_width("abc"), 3u);
  EXPECT_EQ(terminal_width("\xc3\xa4"), 1u);      // a with diaeresis
  EXPECT_EQ(terminal_width("a\xcc\x88"), 1u);     // the same, decomposed
  EXPECT_EQ(terminal_width("\xe6\xbc\xa2"), 2u);  // a CJK character
}

}  // namespace
}  // namespace muster::tool
