// check_op lines: reductions.
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

using Reduction = Tensor (*)(const Tensor&, const Axes&, KeepDims);

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}

// After a nonlinear function, so that second derivatives are not zero.
Function folded(Reduction reduction, const std::vector<int>& axes, KeepDims keep = KeepDims::no) {
  return [=](const Tensors& x) { return reduction(exp(x[0]), axes, keep); };
}

Function plain(Reduction reduction, const std::vector<int>& axes) {
  return [=](const Tensors& x) { return reduction(x[0], axes, KeepDims::no); };
}

void add_axes(std::vector<Line>& lines, const std::string& name, Reduction reduction) {
  const Shape shape{3, 4, 5};
  lines.push_back({name + " axis 0", folded(reduction, {0}), {numbers(shape)}});
  lines.push_back({name + " axis 1", folded(reduction, {1}), {numbers(shape)}});
  lines.push_back({name + " axis 2", folded(reduction, {2}), {numbers(shape)}});
  lines.push_back({name + " axes 0 and -1", folded(reduction, {0, -1}), {numbers(shape)}});
  lines.push_back({name + " axes 2 and 1", folded(reduction, {2, 1}, KeepDims::yes), {numbers(shape)}});
  lines.push_back({name + " all axes", folded(reduction, {}), {numbers(shape)}});
  lines.push_back({name + " all axes kept", folded(reduction, {}, KeepDims::yes), {numbers(shape)}});
  lines.push_back({name + " an axis kept", folded(reduction, {1}, KeepDims::yes), {numbers(shape)}});
  lines.push_back({name + " an axis of size 1", folded(reduction, {1}), {numbers({3, 1, 4})}});
  lines.push_back({name + " an axis of size 1 and another", folded(reduction, {1, 2}), {numbers({3, 1, 4})}});
  lines.push_back({name + " rank 0", folded(reduction, {}), {numbers({})}});
  lines.push_back({name + " whole numbers", plain(reduction, {0}), {numbers({6, 5}, -1, 1)}, ties});
  lines.push_back({name + " i32", plain(reduction, {1}), {{{3, 9}, -90, -1, i32}}, no_derivatives});
  lines.push_back({name + " i32 all", plain(reduction, {}), {{{5}, -90, -1, i32}}, no_derivatives});
  lines.push_back({name + " u32", plain(reduction, {0}), {{{9, 3}, 0, 4294967295.0, u32}}, no_derivatives});
}

// Thousands of numbers of either sign that add up to about one, with a rounding error of thousands of
// additions.
const CheckOptions long_sums{.tolerance = 1e-4};

void add_long(std::vector<Line>& lines, const std::string& name, Reduction reduction) {
  lines.push_back({name + " a long axis", plain(reduction, {}), {numbers({5000})}, long_sums});
  lines.push_back({name + " long rows", plain(reduction, {1}), {numbers({3, 1300})}, long_sums});
  lines.push_back({name + " long columns", plain(reduction, {0}), {numbers({1300, 3})}, long_sums});
  lines.push_back(
      {name + " two long axes of three", plain(reduction, {0, 2}), {numbers({30, 3, 40})}, long_sums});
  lines.push_back({name + " many short rows", plain(reduction, {1}), {numbers({700, 3})}});
  lines.push_back({name + " long i32", plain(reduction, {}), {{{3001}, -90000, -1, i32}}, no_derivatives});
}

Function truth(Reduction reduction, const std::vector<int>& axes, KeepDims keep) {
  return [=](const Tensors& x) { return reduction(x[0], axes, keep); };
}

Function smallest_position(int axis, KeepDims keep = KeepDims::no) {
  return [=](const Tensors& x) { return argmin(x[0], axis, keep); };
}
Function largest_position(int axis, KeepDims keep = KeepDims::no) {
  return [=](const Tensors& x) { return argmax(x[0], axis, keep); };
}

}  // namespace

std::vector<Line> reduce_lines() {
  std::vector<Line> lines;
  add_axes(lines, "sum", sum);
  add_long(lines, "sum", sum);
  add_axes(lines, "max", max);
  add_long(lines, "max", max);
  add_axes(lines, "min", min);
  add_axes(lines, "prod", prod);
  const std::vector<Line> more{
      {"sum no elements", plain(sum, {0}), {numbers({0, 4})}},
      {"sum no elements at all", plain(sum, {}), {numbers({3, 0})}},
      {"sum to no elements", plain(sum, {1}), {numbers({0, 4})}},
      {"sum of a sum", [](const Tensors& x) { return sum(square(sum(x[0], {1})), {0}); }, {numbers({4, 5})}},
      {"sum and use twice",
       [](const Tensors& x) {
         const Tensor total = sum(x[0], {1}, KeepDims::yes);
         return x[0] / (4 + square(total)) + total;
       },
       {numbers({4, 5})}},
      {"max to no elements", plain(max, {1}), {numbers({0, 4})}},
      {"max a fold within a fold",
       [](const Tensors& x) { return max(x[0] - max(x[0], {1}, KeepDims::yes) * 0.5, {0}); },
       {numbers({4, 5})}},
      {"mean", [](const Tensors& x) { return mean(square(x[0])); }, {numbers({3, 4})}},
      {"mean axis 0", [](const Tensors& x) { return mean(square(x[0]), {0}); }, {numbers({3, 4})}},
      {"mean kept",
       [](const Tensors& x) { return x[0] * mean(x[0], {1}, KeepDims::yes); },
       {numbers({3, 4})}},
      {"prod of zeros", plain(prod, {1}), {numbers({12, 4}, -1, 1)}, ties},
      {"prod of a long row", [](const Tensors& x) { return prod(1 + 0.01 * x[0]); }, {numbers({301})}},
      {"prod of rank 8", plain(prod, {1, 3, 5, 7}), {numbers({1, 2, 2, 1, 1, 3, 2, 2})}},
      {"prod no elements", plain(prod, {0}), {numbers({0, 4})}},
      {"prod to no elements", plain(prod, {1}), {numbers({0, 4})}},
      {"any", plain(any, {1}), {numbers({30, 3}, -1, 1)}, ties_no_derivatives},
      {"any bool of all axes kept", truth(any, {}, KeepDims::yes), {{{3, 4}, 0, 1, boolean}}, no_derivatives},
      {"any rank 0", plain(any, {}), {numbers({})}, no_derivatives},
      {"any i32", plain(any, {0, 2}), {{{2, 9, 2}, -1, 1, i32}}, no_derivatives},
      {"any no elements", plain(any, {0}), {numbers({0, 4})}, no_derivatives},
      {"all", plain(all, {1}), {numbers({30, 3}, -1, 1)}, ties_no_derivatives},
      {"all bool of an axis kept", truth(all, {0}, KeepDims::yes), {{{2, 9}, 0, 1, boolean}}, no_derivatives},
      {"all u8", plain(all, {1}), {{{9, 3}, 0, 3, u8}}, no_derivatives},
      {"all no elements", plain(all, {0}), {numbers({0, 4})}, no_derivatives},
      {"all a long axis", plain(all, {0}), {numbers({3000, 2})}, no_derivatives},
      {"argmin", smallest_position(-1), {numbers({5, 7})}, no_derivatives},
      {"argmin ties", smallest_position(0), {numbers({7, 20}, -1, 1)}, ties_no_derivatives},
      {"argmin u32 kept", smallest_position(0, KeepDims::yes), {{{9}, 0, 4294967295.0, u32}}, no_derivatives},
      {"argmin i32", smallest_position(0), {{{9}, -3, 3, i32}}, no_derivatives},
      {"argmax", largest_position(-1), {numbers({5, 7})}, no_derivatives},
      {"argmax ties", largest_position(-1), {numbers({20, 7}, -1, 1)}, ties_no_derivatives},
      {"argmax axis 0", largest_position(0), {numbers({7, 20}, -1, 1)}, ties_no_derivatives},
      {"argmax middle axis kept", largest_position(1, KeepDims::yes), {numbers({3, 4, 5})}, no_derivatives},
      {"argmax one element", largest_position(0), {numbers({1})}, no_derivatives},
      {"argmax i32", largest_position(0), {{{9}, -3, 3, i32}}, no_derivatives},
      {"argmax u32", largest_position(0), {{{9}, 0, 4294967295.0, u32}}, no_derivatives},
      {"argmax a long axis", largest_position(0), {numbers({2000}, -30, 30)}, ties_no_derivatives},
  };
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

}  // namespace hekla::testing
