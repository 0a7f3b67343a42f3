#include "replay/text_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace muster::test {
namespace {

using recording::SpareMemory;
using recording::TextBuffer;

TEST(TextBuffer, KeepsItsContentAsItGrows) {
  TextBuffer buffer(std::make_shared<SpareMemory>());
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    const std::string part = std::to_string(i);
    buffer.append(part);
    expected += part;
    if (i % 100 == 99) {
      buffer.drop_front(7);
      expected.erase(0, 7);
    }
  }
  EXPECT_EQ(buffer.text(), expected);
  buffer.append(3, '.');
  EXPECT_EQ(buffer.text(), expected + "...");
  buffer.resize(4);
  EXPECT_EQ(buffer.text(), expected.substr(0, 4));
  TextBuffer taken = std::move(buffer);
  EXPECT_EQ(taken.text(), expected.substr(0, 4));
}

TEST(TextBuffer, MemoryComesBackUnlessItIsLarge) {
  const auto spare = std::make_shared<SpareMemory>();
  const char* usual = nullptr;
  {
    TextBuffer buffer(spare);
    buffer.reserve(300'000);
    usual = buffer.data();
  }
  {
    TextBuffer again(spare);
    EXPECT_EQ(again.data(), usual);
    EXPECT_EQ(again.size(), 0U);
    again.reserve(3'000'000);
  }
  EXPECT_EQ(spare->take().capacity, 0U);
}

}  // namespace
}  // namespace muster::test
