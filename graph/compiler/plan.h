// Plan: a computation as kernels in order, with the memory they use and the barriers between them. What a
// device records once and runs many times.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/compiler/fuse.h"
#include "graph/compiler/graph.h"
#include "graph/compiler/kernel.h"

namespace hekla {

/// Memory of one tensor.
struct Slot {
  enum class Place {
    leaf,    // given to a run: leaf `number`
    output,  // made by a run and given away: output `number`
    arena,   // working memory at byte `offset`
  };
  Place place;
  int number = 0;
  DType dtype = DType::f32;
  std::int64_t count = 0;
  std::int64_t offset = 0;
  std::string label = {};

  std::int64_t bytes() const { return count * static_cast<std::int64_t>(size_of(dtype)); }
};

struct Plan {
  std::vector<Slot> slots;
  std::vector<Kernel> kernels;       // in order of execution
  std::vector<bool> barrier_before;  // for each kernel
  std::int64_t arena_bytes = 0;
  std::vector<int> output_slots;
  std::vector<PlanNumber> numbers;
  std::vector<NumberLeaf> number_leaves;  // of the numbers that are data
};

struct PlanOptions {
  FuseOptions fuse;
  LoopLimits loops;
  std::int64_t alignment = 256;  ///< of slots in the arena, in bytes
};

/// Compiles a graph into a plan.
Plan make_plan(const Graph& collected, const PlanOptions& options);

/// Where slots that are in use at the same time lie in one arena: best fit by lifetime, forwards in time, or
/// backwards where that takes clearly less. Returns the arena's size.
std::int64_t place_in_arena(std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                            std::int64_t alignment);

/// What of the arena a kernel touches, from the slot that lies first in it to the end of the last. Its slot
/// is -1 where it touches nothing there.
struct Stretch {
  int first = -1;
  std::int64_t bytes = 0;
};
Stretch stretch_of_arena(const Kernel& kernel, const std::vector<Slot>& slots);

/// Before which kernels all earlier writes must be finished: where a kernel touches memory that one since the
/// last barrier wrote, or writes what one read.
std::vector<bool> place_barriers(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels);

/// The plan as text, the same on every machine: for people and for golden tests.
std::string to_string(const Plan& plan);

}  // namespace hekla
