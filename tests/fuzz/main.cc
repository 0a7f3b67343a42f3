// Runs a fuzz target without a fuzzer: on every file of the folders that are named, and on
// mutations of them. The seed is printed; --seed N --runs M gives the same again.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

using Bytes = std::string;

void run(const Bytes& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// Some of what damages files: bytes lost, doubled, changed, or of another file.
Bytes mutated(const std::vector<Bytes>& seeds, std::mt19937_64& random) {
  const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  Bytes input = seeds[below(seeds.size())];
  for (std::size_t changes = 1 + below(4); changes > 0 && !input.empty(); --changes) {
    const std::size_t at = below(input.size());
    const std::size_t count = 1 + below(std::min<std::size_t>(64, input.size() - at));
    switch (below(6)) {
      case 0:
        input.erase(at, count);
        break;
      case 1:
        input.insert(at, input.substr(at, count));
        break;
      case 2:
        input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 3:
        input[at] = "\"{}[],:<>/\\\n\0 0a"[below(16)];
        break;
      case 4:
        input.resize(at);
        break;
      default: {
        const Bytes& other = seeds[below(seeds.size())];
        const std::size_t from = below(other.size());
        input.insert(at, other.substr(from, 1 + below(256)));
      }
    }
  }
  return input;
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;
  std::vector<Bytes> seeds;
  for (int index = 1; index < count; ++index) {
    const std::string argument = arguments[index];
    if ((argument == "--seed" || argument == "--runs") && index + 1 < count) {
      (argument == "--seed" ? seed : runs) = std::strtoull(arguments[++index], nullptr, 10);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
      if (!entry.is_regular_file() || entry.path().extension() == ".told") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  if (seeds.empty()) {
    std::fprintf(stderr, "usage: %s FOLDER... [--seed N] [--runs M]\n", arguments[0]);
    return 2;
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (const Bytes& input : seeds) run(input);
  std::mt19937_64 random(seed);
  for (std::uint64_t done = 0; done < runs; ++done) run(mutated(seeds, random));
  std::printf("%zu files, %llu mutations\n", seeds.size(), static_cast<unsigned long long>(runs));
}
