// Work: how much a kernel computes and moves, counted from its own programs.
#pragma once

#include <vector>

#include "graph/compiler/plan.h"

namespace hekla::compiler {

/// Operations and bytes of one run of a kernel, as the lower bound that its programs imply:
///   operations  an applied operation whose result is f32 is one, once for each combination of the axes that
///               it varies with (four for a quad); a fold of f32 one for each element; a product two for each
///               element of the inner axis. Whatever an operation is made of, it is one.
///   bytes       each element stored, and each element read, once: an operand counts no further than the
///               elements its indices can reach, however often they are read.
/// A custom kernel is opaque: no operations are known, and its operands and results count whole.
struct Work {
  double operations = 0;
  double bytes = 0;
};

Work work_of(const Kernel& kernel, const std::vector<Slot>& slots);
/// Operations of one item of each part of a map.
double operations_of_item(const Kernel& map);

}  // namespace hekla::compiler
