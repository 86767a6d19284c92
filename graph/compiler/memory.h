// Memory of a plan: placement of its tensors, and the hazards that make kernels wait for others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/compiler/kernel.h"
#include "graph/dtype.h"

namespace hekla::compiler {

/// Memory of one tensor.
struct Slot {
  enum class Place {
    leaf,    // passed to a run: leaf `number`
    output,  // allocated by a run and returned: output `number`
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

/// Kernels of a plan that are run `count` times, one after another. Loops are nested or apart.
struct Repeated {
  std::size_t first, end;  // kernels
  std::int64_t count;
  int depth;  // loops around it
};

/// Places slots with overlapping lifetimes in one arena: best fit by lifetime, forwards in time, or backwards
/// where that takes clearly less. Returns the arena's size.
std::int64_t place_in_arena(std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                            const std::vector<Repeated>& loops, std::int64_t alignment);

/// The stretch of the arena that a kernel touches, from the begin of its first slot there to the end of its
/// last. Its slot is -1 where the kernel touches nothing there.
struct Stretch {
  int first = -1;
  std::int64_t bytes = 0;
};
Stretch stretch_of_arena(const Kernel& kernel, const std::vector<Slot>& slots);

/// Barriers: for each kernel, whether all earlier writes must be finished before it. A hazard needs one: the
/// kernel touches memory written since the last barrier, or writes memory read since. An iteration of a loop
/// waits for the one before.
std::vector<bool> place_barriers(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                                 const std::vector<Repeated>& loops);

}  // namespace hekla::compiler
