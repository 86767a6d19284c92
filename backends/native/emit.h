// Code generation: a kernel as a C++ function over a range of units of its work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/common/code.h"
#include "graph/compiler/plan.h"

namespace hekla::native {

using namespace compiler;
using backend::Code;

constexpr std::int64_t ceil_divide(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// What the processor offers.
struct Target {
  int vector_bytes = 16;
  int registers = 32;  // of vectors
};

/// A kernel as C++: `static void run(void* const* m, const int* iterations, long first, long last, char* scratch)`
/// computes the units [first, last). Which units a call computes has no influence on the numbers.
struct Function {
  std::string label;
  Code code;
  std::vector<int> slots;          // of the pointers in m
  std::int64_t units = 0;          // pieces of work; one where it is not worth sharing
  std::int64_t scratch_bytes = 0;  // memory of a call
};

/// `text_number` numbers the texts of operations' authors, and is increased by those of the kernel.
Function emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target, int& text_number);

}  // namespace hekla::native
