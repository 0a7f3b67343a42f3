// Every rule finds what is planted for it, and leaves alone what looks like it.
#include <gtest/gtest.h>

#include <string>

#include "tests/tidy/rules.h"

namespace muster::test {
namespace {

using PlainRule = Violations (*)(const Source&);

struct Plant {
  const char* name;
  PlainRule rule;
  std::string path;
  std::string text;
  std::size_t line;  ///< of the only breach; 0: none
};

std::ostream& operator<<(std::ostream& out, const Plant& plant) {
  return out << plant.name;
}

std::string columns(std::size_t count) {
  std::string text(count, 'x');
  text += '\n';
  return text;
}

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "  f();\n";
  return text;
}

std::vector<Plant> planted_includes() {
  return {
      {"core_rocksdb", check_includes, "src/core/a.cc", "\n#include <rocksdb/db.h>\n", 2},
      {"core_flatbuffers", check_includes, "src/core/a.h", "#include <flatbuffers/flatbuffers.h>",
       1},
      {"core_chrono", check_includes, "src/core/a.h", "#include <chrono>\n", 1},
      {"core_mutex", check_includes, "src/core/a.h", "#include <mutex>\n", 1},
      {"core_store", check_includes, "src/core/a.h", "#include \"store/layout.h\"\n", 1},
      {"core_codec", check_includes, "src/core/a.h", "#include \"codec/json_text.h\"\n", 1},
      {"core_fine", check_includes, "src/core/a.h", "#include <vector>\n#include \"base/time.h\"\n",
       0},
      {"codec_store", check_includes, "src/codec/a.cc", "#include \"store/layout.h\"\n", 1},
      {"codec_core", check_includes, "src/codec/a.cc", "#include \"core/host.h\"\n", 1},
      {"replay_store", check_includes, "src/replay/a.cc", "#include \"store/layout.h\"\n", 1},
      {"replay_public_store", check_includes, "src/replay/a.cc", "#include \"muster/store.h\"\n",
       0},
      {"generate_store", check_includes, "src/generate/a.cc", "#include \"store/layout.h\"\n", 1},
      {"generate_random", check_includes, "src/generate/a.cc", "#include <random>\n", 1},
      {"generate_core", check_includes, "src/generate/a.cc", "#include \"core/host.h\"\n", 0},
      {"base_core", check_includes, "src/base/a.cc", "#include \"core/host.h\"\n", 1},
      {"base_xxhash", check_includes, "src/base/time.cc", "#include <xxhash.h>\n", 1},
      {"hash_xxhash", check_includes, "src/base/hash.cc", "#include <xxhash.h>\n", 0},
      {"public_src", check_includes, "include/muster/store.h", "#include \"core/host.h\"\n", 1},
      {"public_order", check_includes, "include/muster/types.h", "#include \"muster/event.h\"\n",
       1},
      {"public_rocksdb", check_includes, "include/muster/store.h", "#include <rocksdb/db.h>\n", 1},
      {"tools_core", check_includes, "tools/a.cc", "#include \"core/host.h\"\n", 1},
      {"tools_fine", check_includes, "tools/a.cc", "#include <CLI/CLI.hpp>\n#include \"tools/a.h\"",
       0},
      {"bench_store", check_includes, "bench/engines/a.cc", "#include \"store/tuning.h\"\n", 1},
      {"bench_core", check_includes, "bench/a.cc", "#include \"core/step.h\"\n", 0},
      {"stray_folder", check_includes, "src/utils/a.cc", "\n", 1},
  };
}

std::vector<Plant> planted_calls() {
  return {
      {"engine_name", check_engine_names, "src/core/a.h", "\nclass A { rocksdb::DB* db; };\n", 2},
      {"engine_comment", check_engine_names, "src/core/a.h", "// as rocksdb does\n", 0},
      {"engine_store", check_engine_names, "src/store/a.h", "rocksdb::DB* db;\n", 0},
      {"exit", check_calls, "src/store/a.cc", "void f() {\n  std::exit(1);\n}\n", 2},
      {"abort", check_calls, "src/core/a.cc", "  abort();\n", 1},
      {"abort_contract", check_calls, "src/base/contract.cc", "  std::abort();\n", 0},
      {"exit_member", check_calls, "src/store/a.cc", "  guard.exit();\n", 0},
      {"exit_literal", check_calls, "src/store/a.cc", "  say(\"exit()\");  // exit()\n", 0},
      {"umask", check_calls, "src/store/a.cc", "  ::umask(0);\n", 1},
      {"signal", check_calls, "src/store/a.cc", "  std::signal(2, f);\n", 1},
      {"setenv", check_calls, "src/base/a.cc", "  setenv(a, b, 1);\n", 1},
      {"system", check_calls, "tools/a.cc", "  system(command);\n", 1},
      {"rand", check_calls, "src/core/a.cc", "  int x = rand();\n", 1},
      {"time", check_calls, "tests/unit/a.cc", "  seed(time(nullptr));\n", 1},
      {"clock", check_calls, "src/store/a.cc", "  auto t = std::chrono::steady_clock::now();\n", 1},
      {"clock_tools", check_calls, "tools/a.cc", "  std::chrono::steady_clock::now();\n", 0},
      {"printf", check_calls, "src/store/a.cc", "  fprintf(stderr, x);\n", 1},
      {"cerr", check_calls, "src/store/a.cc", "  std::cerr << x;\n", 1},
      {"sleep", check_calls, "tests/unit/a.cc", "  std::this_thread::sleep_for(x);\n", 1},
      {"skip", check_calls, "tests/unit/a.cc", "  GTEST_SKIP();\n", 1},
      {"disabled", check_calls, "tests/unit/a.cc", "TEST(A, DISABLED_b) {}\n", 1},
  };
}

std::vector<Plant> planted_shapes() {
  const std::string marker = std::string("TO") + "DO";
  return {
      {"long_line", check_lines, "src/core/a.cc", "\n" + columns(101), 2},
      {"full_line", check_lines, "src/core/a.cc", columns(100), 0},
      {"long_header", check_lines, "src/core/a.h", std::string(201, '\n'), 201},
      {"full_header", check_lines, "src/core/a.h", std::string(200, '\n'), 0},
      {"long_source", check_lines, "src/core/a.cc", std::string(601, '\n'), 601},
      {"long_function", check_functions, "a.cc",
       "namespace a {\n\nint f(int x) {\n" + lines(69) + "}\n}", 3},
      {"full_function", check_functions, "a.cc",
       "namespace a {\nint f(int x) {\n" + lines(68) + "}\n}", 0},
      {"long_method", check_functions, "a.h",
       "class A : B<C> {\n public:\n  void f() {\n" + lines(69) + "  }\n};", 2},
      {"long_test", check_functions, "a.cc", "TEST(A, b) {\n" + lines(69) + "}\n", 1},
      {"long_template", check_functions, "a.cc",
       "template <typename T>\nvoid f(T x = {}) {\n" + lines(68) + "}\n", 1},
      {"long_class", check_functions, "a.h", "struct A {\n" + lines(90) + "};\n", 0},
      {"long_table", check_functions, "a.cc", "const A k = {{\n" + lines(90) + "}};\n", 0},
      {"braces_in_text", check_functions, "a.cc", "void f() {\n  s(\"{\");\n}\n" + lines(90), 0},
      {"not_ascii", check_ascii, "src/core/a.cc", "// \xC3\xA4\n", 1},
      {"tab", check_ascii, "src/core/a.cc", "\tx\n", 1},
      {"ascii", check_ascii, "src/core/a.cc", "x~ !\n", 0},
      {"no_pragma", check_pragma_once, "a.h", "// A header.\n#ifndef A\n", 1},
      {"pragma", check_pragma_once, "a.h", "// A header.\n\n#pragma once\n", 0},
      {"marker", check_markers, "a.md", "\nsome " + marker + ": later\n", 2},
      {"marker_inside", check_markers, "a.md", "mAs" + marker + "s\n", 0},
  };
}

class Planted : public ::testing::TestWithParam<Plant> {};

TEST_P(Planted, isFound) {
  const Plant& plant = GetParam();
  const Violations found = plant.rule(make_source(plant.path, plant.text));
  if (plant.line == 0) {
    EXPECT_EQ(to_text(found), "");
    return;
  }
  ASSERT_EQ(found.size(), 1U) << to_text(found);
  EXPECT_EQ(found[0].path, plant.path);
  EXPECT_EQ(found[0].line, plant.line);
}

std::string name_of_plant(const ::testing::TestParamInfo<Plant>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(includes, Planted, ::testing::ValuesIn(planted_includes()), name_of_plant);
INSTANTIATE_TEST_SUITE_P(calls, Planted, ::testing::ValuesIn(planted_calls()), name_of_plant);
INSTANTIATE_TEST_SUITE_P(shapes, Planted, ::testing::ValuesIn(planted_shapes()), name_of_plant);

TEST(PlantedTest, isBuiltOrFound) {
  const auto folders = built_folders("set(test_folders unit store)\n");
  const auto found = [&](const std::string& path) {
    return check_built(make_source(path, ""), folders).size();
  };
  EXPECT_EQ(found("tests/unit/a_test.cc"), 0U);
  EXPECT_EQ(found("tests/support/table.cc"), 0U);
  EXPECT_EQ(found("tests/fuzz/a_test.cc"), 1U);
  EXPECT_EQ(found("tests/unit/deep/a_test.cc"), 1U);
  EXPECT_EQ(found("tests/a_test.cc"), 1U);
}

TEST(Blanking, leavesCodeAlone) {
  const Source source =
      make_source("a.cc", "a('\"'); // b\nc(R\"x(d\")x\"); /* e\n */ f(\"\\\"g\", 1'000);\n");
  EXPECT_EQ(source.code, "a(   );     \nc(         );     \n    f(     , 1'000);\n");
}

}  // namespace
}  // namespace muster::test
