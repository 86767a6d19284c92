// Work: how much a kernel computes and moves, counted from its own programs.
#pragma once

#include <vector>

#include "graph/compiler/plan.h"

namespace hekla::compiler {

/// One run of a kernel, as the least that its programs ask for:
///   operations  an applied operation whose result is f32 is one, once for each combination of the axes that
///               it varies with (four for a quad); a fold of f32 one for each element; a product two for each
///               element of the inner axis. Whatever an operation is made of, it is one.
///   bytes       each element stored, and each element read, once: an operand counts no further than the
///               elements its indices can reach, however often they are read.
/// Of a custom kernel, whose body nobody looks into, no operations are known; its operands and results count
/// whole.
struct Work {
  double operations = 0;
  double bytes = 0;
};

Work work_of(const Kernel& kernel, const std::vector<Slot>& slots);
/// Operations of one item of a map without parts.
double operations_of_item(const Kernel& map);

}  // namespace hekla::compiler
