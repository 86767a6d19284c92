// Memory of a plan: where its tensors lie, and which kernels have to wait for others because of that.
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

}  // namespace hekla::compiler
