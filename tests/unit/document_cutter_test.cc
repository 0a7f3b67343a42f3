#include "replay/document_cutter.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::recording {
namespace {

using test::require;
using test::TempDir;
using test::write_file;

struct Case {
  const char* about;
  std::string content;
  std::string documents;  ///< "offset+length:text", a line each; LONG: too long to keep
};

class Cutter : public testing::Test {
 protected:
  std::string cut(const std::string& content, std::size_t bytes_max = 64) {
    const std::string file = (folder_.path() / "content").string();
    write_file(file, content);
    DocumentCutter cutter(InputWindow(require(ByteSource::open(file, {}), "open")), bytes_max);
    std::string text;
    while (const auto document = cutter.next()) text += shown(*document);
    return text;
  }
  /// As for a reader that finds each document of several lines to be no JSON.
  std::string cut_shorter(const std::string& content) {
    const std::string file = (folder_.path() / "content").string();
    write_file(file, content);
    DocumentCutter cutter(InputWindow(require(ByteSource::open(file, {}), "open")), 64);
    std::string text;
    while (const auto document = cutter.next()) {
      const bool several = document->text.find('\n') != std::string_view::npos;
      text += shown(several ? cutter.shorten(*document) : *document);
    }
    return text;
  }

  static std::string shown(const Document& document) {
    const std::string text = document.text.empty() ? "LONG" : std::string(document.text);
    return std::to_string(document.offset) + '+' + std::to_string(document.length) + ':' + text +
           "\n";
  }

  TempDir folder_;
};

TEST_F(Cutter, findsDocumentsInAnyLayout) {
  const Case cases[] = {
      {"nothing", "", ""},
      {"blanks", " \r\n\t\n", ""},
      {"lines", "{\"a\":1}\n{\"b\":2}\n", "0+7:{\"a\":1}\n8+7:{\"b\":2}\n"},
      {"a line without its end", "{\"a\":1}\n{\"b\":2}", "0+7:{\"a\":1}\n8+7:{\"b\":2}\n"},
      {"lines of another system", "{\"a\":1}\r\n{\"b\":2}\r\n", "0+7:{\"a\":1}\n9+7:{\"b\":2}\n"},
      {"a byte order mark", "\xEF\xBB\xBF{\"a\":1}", "3+7:{\"a\":1}\n"},
      {"a list", "[{\"a\":1},\n {\"b\":2}]\n", "1+7:{\"a\":1}\n11+7:{\"b\":2}\n"},
      {"nothing between", "{\"a\":1}{\"b\":2}", "0+7:{\"a\":1}\n7+7:{\"b\":2}\n"},
      {"many lines each", "{\n  \"a\": [\n{}\n]\n}\n{\n}\n",
       "0+17:{\n  \"a\": [\n{}\n]\n}\n18+3:{\n}\n"},
      {"braces and quotes in texts", R"({"a":"}\"{"}{"b":"\\"})",
       "0+12:{\"a\":\"}\\\"{\"}\n12+10:{\"b\":\"\\\\\"}\n"},
      {"other lines between", "started\n{\"a\":1}\nstopped",
       "0+7:started\n8+7:{\"a\":1}\n16+7:stopped\n"},
      {"property lists", "<?xml?><plist><a/></plist>\n<plist></plist>Bootstrap token: x\n{}",
       "0+26:<?xml?><plist><a/></plist>\n27+15:<plist></plist>\n42+18:Bootstrap token: x\n"
       "61+2:{}\n"},
      {"a property list that is cut", "<?xml?><plist><a\n<?xml?><plist></plist>",
       "0+17:<?xml?><plist><a\n\n17+22:<?xml?><plist></plist>\n"},
      {"a binary one", std::string("bplist00\n{\0}", 12), std::string("0+12:bplist00\n{\0}\n", 18)},
  };
  for (const Case& example : cases) {
    EXPECT_EQ(cut(example.content), example.documents) << example.about;
  }
}

TEST_F(Cutter, damageCostsItsDocumentAlone) {
  const Case cases[] = {
      {"cut in a text", "{\"a\":\"b\n{\"c\":1}\n", "0+7:{\"a\":\"b\n8+7:{\"c\":1}\n"},
      {"cut behind a value", "{\"a\":{\"b\":1\n{\"c\":1}\n",
       "0+12:{\"a\":{\"b\":1\n\n12+7:{\"c\":1}\n"},
      {"no end at all", "{\"a\":{", "0+6:{\"a\":{\n"},
      {"too much of an end", "{\"a\":1}}\n{\"c\":1}\n", "0+7:{\"a\":1}\n7+1:}\n9+7:{\"c\":1}\n"},
  };
  for (const Case& example : cases) {
    EXPECT_EQ(cut(example.content), example.documents) << example.about;
  }
}

TEST_F(Cutter, whatIsNoJsonIsCutAtTheNextLineThatBeginsAnObject) {
  EXPECT_EQ(cut_shorter("{\"a\":[1,\n{\"b\":2},\n{\"c\":3}\n]}\n{\"d\":4}\n"),
            "0+8:{\"a\":[1,\n9+7:{\"b\":2}\n18+7:{\"c\":3}\n27+1:}\n29+7:{\"d\":4}\n");
}

TEST_F(Cutter, whatIsTooLongIsPassedOver) {
  const std::string text(100, 'x');
  EXPECT_EQ(cut("{\"a\":\"" + text + "\"}\n{\"b\":2}\n"), "0+108:LONG\n109+7:{\"b\":2}\n");
  EXPECT_EQ(cut(text + "\n{\"b\":2}\n"), "0+100:LONG\n101+7:{\"b\":2}\n");
  EXPECT_EQ(cut("<plist>" + text + "</plist>"), "0+115:LONG\n");
  EXPECT_EQ(cut("bplist00" + text), "0+108:LONG\n");
}

TEST_F(Cutter, takesDocumentsOfAnyLengthUpToTheLimit) {
  for (const std::size_t length : {100U, 262'143U, 262'144U, 262'145U, 3'000'000U}) {
    const std::string document = "{\"a\":\"" + std::string(length, 'x') + "\"}";
    const std::string tail = std::to_string(document.size() + 1) + "+2:{}\n";
    const std::string found = cut(document + "\n{}", 4U << 20);
    EXPECT_TRUE(found.starts_with("0+" + std::to_string(document.size()) + ":{")) << length;
    EXPECT_TRUE(found.ends_with(tail)) << length;
  }
}

}  // namespace
}  // namespace muster::recording
