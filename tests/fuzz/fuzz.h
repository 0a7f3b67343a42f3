// What a fuzzer calls: libFuzzer's interface. Built with MUSTER_FUZZER it is libFuzzer that calls,
// otherwise main.cc, with the seeds and with mutations of them.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
