#include "codec/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "codec/problem.h"

namespace muster::codec {
namespace {

TEST(JsonText, EscapesOnlyWhatItMust) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {std::string_view("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\x7F", "\"\x7F\""},
      {"\xE2\x82\xAC", "\"\xE2\x82\xAC\""},
  };
  for (const auto& [text, expected] : table) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(out, expected);
  }
}

TEST(JsonText, WritesObjectsInOrder) {
  std::string out = "before ";
  JsonObject object(out);
  object.text("b", "x");
  object.text_or_null("a", std::nullopt);
  object.text_or_null("c", "y");
  object.number("n", -5);
  object.boolean("t", true);
  object.boolean("f", false);
  object.time("at", {1});
  object.time_or_null("none", std::nullopt);
  object.time_or_null("some", Timestamp{0});
  object.raw("list") += "[]";
  object.close();
  EXPECT_EQ(out, R"(before {"b":"x","a":null,"c":"y","n":-5,"t":true,"f":false,)"
                 R"("at":"1970-01-01T00:00:00.000001Z","none":null,"some":"1970-01-01T00:00:00Z",)"
                 R"("list":[]})");
}

TEST(JsonText, AnEmptyObjectIsTwoBraces) {
  std::string out;
  JsonObject(out).close();
  EXPECT_EQ(out, "{}");
}

TEST(QuoteText, IsSafeForATerminal) {
  EXPECT_EQ(quote_text("a\x1B[31m"), R"("a\u001b[31m")");
  EXPECT_EQ(quote_text("\x7F"), R"("\u007f")");
  EXPECT_EQ(quote_text("\xC2\x9B"), R"("\u009b")");
  EXPECT_EQ(quote_text("\xC2\xA9"), "\"\xC2\xA9\"");
}

TEST(QuoteText, ShortensAtCharacters) {
  const std::string longest(60, 'x');
  const std::string longer(61, 'x');
  EXPECT_EQ(quote_text(longest).size(), 62U);
  EXPECT_EQ(quote_text(longer), quote_text(longest).insert(61, "..."));
  std::string split(59, 'x');
  split += "\xC3\xA4";
  EXPECT_EQ(quote_text(split).size(), 59U + 5U);
}

TEST(Problem, PutsThePlaceTogetherFromTheInside) {
  Problem problem;
  EXPECT_FALSE(problem.set("is bad"));
  EXPECT_EQ(problem.text(), "is bad");
  problem.within("date");
  problem.within(3);
  problem.within("profiles");
  EXPECT_EQ(problem.text(), "profiles[3].date: is bad");
  Problem list;
  list.set("is bad");
  list.within(0);
  list.within("labels");
  EXPECT_EQ(list.text(), "labels[0]: is bad");
}

}  // namespace
}  // namespace muster::codec
