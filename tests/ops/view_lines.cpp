// check_op lines: views, alone, in chains, and of every dtype.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -2, .high = 2}; }

using Unary = std::function<Tensor(const Tensor&)>;

// The view alone, and between two nonlinear functions.
void add(std::vector<Line>& lines, const std::string& name, const Shape& shape, const Unary& view) {
  lines.push_back({name, [=](const Tensors& x) { return view(x[0]); }, {numbers(shape)}, {.derivatives = 1}});
  lines.push_back(
      {name + " inside", [=](const Tensors& x) { return square(view(exp(x[0]))); }, {numbers(shape)}});
}

Unary sliced(const std::vector<Range>& ranges) {
  return [=](const Tensor& x) { return slice(x, ranges); };
}
Unary padded(const std::vector<Padding>& paddings, double value = 0) {
  return [=](const Tensor& x) { return pad(x, paddings, value); };
}
Unary windowed(int axis, std::int64_t size, std::int64_t step = 1, std::int64_t dilation = 1) {
  return [=](const Tensor& x) { return windows(x, axis, size, step, dilation); };
}

constexpr std::int64_t whole = Range::whole;

void add_moves(std::vector<Line>& lines) {
  add(lines, "reshape", {2, 6}, [](const Tensor& x) { return reshape(x, Shape{3, 4}); });
  add(lines, "reshape to rank 3", {4, 6}, [](const Tensor& x) { return reshape(x, {2, -1, 3}); });
  add(lines, "reshape to rank 0", {1, 1}, [](const Tensor& x) { return reshape(x, Shape{}); });
  add(lines, "reshape of rank 0", {}, [](const Tensor& x) { return reshape(x, Shape{1, 1}); });
  add(lines, "reshape no elements", {3, 0}, [](const Tensor& x) { return reshape(x, Shape{0}); });
  add(lines, "reshape no elements to more", {0}, [](const Tensor& x) { return reshape(x, Shape{2, 0, 3}); });
  add(lines, "flatten", {2, 3, 4}, [](const Tensor& x) { return flatten(x); });
  add(lines, "expand_dims", {2, 3}, [](const Tensor& x) { return expand_dims(x, 1); });
  add(lines, "squeeze", {2, 1, 3, 1}, [](const Tensor& x) { return squeeze(x, {1, -1}); });
  add(lines, "permute", {2, 3, 4}, [](const Tensor& x) { return permute(x, {2, 0, 1}); });
  add(lines, "permute by negative axes", {2, 3, 4}, [](const Tensor& x) { return permute(x, {-2, -1, 0}); });
  add(lines, "transpose", {3, 4}, [](const Tensor& x) { return transpose(x); });
  add(lines, "transpose of rank 3", {2, 3, 4}, [](const Tensor& x) { return transpose(x); });
  add(lines, "broadcast", {3, 1}, [](const Tensor& x) { return broadcast_to(x, {2, 3, 4}); });
  add(lines, "broadcast rank 0", {}, [](const Tensor& x) { return broadcast_to(x, {2, 3}); });
  add(lines, "broadcast_to leading axes", {3}, [](const Tensor& x) { return broadcast_to(x, {2, 1, 3}); });
  add(lines, "broadcast to no elements", {1, 3}, [](const Tensor& x) { return broadcast_to(x, {0, 3}); });
}

void add_slices(std::vector<Line>& lines) {
  add(lines, "slice", {7}, sliced({{1, 5}}));
  add(lines, "slice with a step", {7, 8}, sliced({{0, whole, 2}, {1, 8, 3}}));
  add(lines, "slice backwards", {7}, sliced({{-1, whole, -1}}));
  add(lines, "slice backwards with a step", {3, 8}, sliced({{2, 0, -1}, {-2, 1, -2}}));
  add(lines, "slice from the end", {3, 8}, sliced({{}, {-3, whole}}));
  add(lines, "slice one element", {3, 4}, sliced({{1, 2}, {2, 3}}));
  add(lines, "slice beyond the ends", {5}, sliced({{-100, 100, 2}}));
  add(lines, "slice nothing", {5, 2}, sliced({{3, 1}}));
  add(lines, "slice everything", {5}, sliced({{}}));
}

void add_pads(std::vector<Line>& lines) {
  add(lines, "pad", {3}, padded({{2, 1}}));
  add(lines, "pad two axes", {2, 3}, padded({{1, 0}, {0, 2}}));
  add(lines, "pad between", {4}, padded({{0, 0, 2}}));
  add(lines, "pad around and between", {2, 3}, padded({{1, 2, 1}, {0, 1, 2}}));
  add(lines, "pad with a number", {2, 3}, padded({{1, 1}, {1, 1}}, 3.5));
  add(lines, "pad the last axis only", {2, 3}, padded({{}, {0, 1}}));
  add(lines, "pad one element between", {1}, padded({{1, 1, 3}}));
  add(lines, "pad no elements", {0, 2}, padded({{1, 2}, {0, 1}}, 1.5));
}

void add_windows(std::vector<Line>& lines) {
  add(lines, "windows", {6}, windowed(0, 2, 2));
  add(lines, "windows that overlap", {7}, windowed(0, 3));
  add(lines, "windows that overlap by a step", {9}, windowed(0, 4, 2));
  add(lines, "windows with gaps", {9}, windowed(0, 2, 3));
  add(lines, "windows with dilation", {9}, windowed(0, 3, 1, 2));
  add(lines, "windows with step and dilation", {11, 2}, windowed(0, 3, 2, 3));
  add(lines, "windows of an inner axis", {2, 7, 2}, windowed(1, 3, 2));
  add(lines, "windows as long as the axis", {4}, windowed(0, 4));
  add(lines, "windows of one element", {4}, windowed(-1, 1, 2));
  add(lines, "windows of windows", {5, 6},
      [](const Tensor& x) { return windows(windows(x, 0, 3), 1, 2, 2); });
}

void add_chains(std::vector<Line>& lines) {
  add(lines, "views: slice of pad", {5}, [](const Tensor& x) {
    return slice(pad(x, {{2, 2, 1}}), {{1, 12, 3}});
  });
  add(lines, "views: pad of pad", {3}, [](const Tensor& x) {
    return pad(pad(x, {{1, 1}}, 2), {{1, 0, 1}}, 3);
  });
  add(lines, "views: reshape of permute", {2, 3, 4}, [](const Tensor& x) {
    return reshape(permute(x, {1, 2, 0}), Shape{4, 6});
  });
  add(lines, "views: reshape of slice", {4, 6}, [](const Tensor& x) {
    return reshape(slice(x, {{1, 4}, {0, 6, 2}}), Shape{9});
  });
  add(lines, "views: reshape of broadcast", {3, 1}, [](const Tensor& x) {
    return reshape(broadcast_to(x, {3, 4}), Shape{2, 6});
  });
  add(lines, "views: backwards twice", {5}, [](const Tensor& x) {
    return slice(slice(x, {{-1, whole, -1}}), {{-1, whole, -1}});
  });
  add(lines, "views: windows of a padded transpose", {4, 3}, [](const Tensor& x) {
    return windows(pad(transpose(x), {{1, 1}, {1, 1}}), 1, 3, 2);
  });
  add(lines, "views: with and without", {4, 4}, [](const Tensor& x) {
    return x + transpose(x) * slice(x, {{0, 1}});
  });
}

void add_dtypes(std::vector<Line>& lines) {
  const Unary moves = [](const Tensor& x) {
    return pad(slice(permute(x, {1, 0}), {{-1, whole, -1}}), {{1, 2, 1}, {1, 0}}, 1);
  };
  for (const auto& [name, dtype] : std::vector<std::pair<std::string, DType>>{
           {"i32", i32}, {"u32", u32}, {"u8", u8}, {"bool", boolean}}) {
    const Operand operand{{3, 5}, 0, 200, dtype};
    lines.push_back(
        {"views of " + name, [=](const Tensors& x) { return moves(x[0]); }, {operand}, no_derivatives});
    lines.push_back({"concat " + name,
                     [](const Tensors& x) {
                       return concat({x[0], x[1], x[0]}, 1);
                     },
                     {operand, {{3, 2}, 0, 200, dtype}},
                     no_derivatives});
  }
}

void add_concats(std::vector<Line>& lines) {
  const auto joined = [](int axis) { return [=](const Tensors& x) { return square(concat(x, axis)); }; };
  lines.push_back({"concat", joined(0), {numbers({2, 3}), numbers({1, 3}), numbers({4, 3})}});
  lines.push_back({"concat the last axis", joined(-1), {numbers({2, 3}), numbers({2, 1})}});
  lines.push_back({"concat one tensor", joined(0), {numbers({2, 3})}});
  lines.push_back(
      {"concat with no elements", joined(0), {numbers({0, 3}), numbers({2, 3}), numbers({0, 3})}});
  lines.push_back({"concat nothing with nothing", joined(0), {numbers({0, 3}), numbers({0, 3})}});
  lines.push_back({"concat and fold",
                   [](const Tensors& x) { return sum(exp(concat(x, 1)), {1}); },
                   {numbers({2, 3}), numbers({2, 2})}});
}

}  // namespace

std::vector<Line> view_lines() {
  std::vector<Line> lines;
  add_moves(lines);
  add_slices(lines);
  add_pads(lines);
  add_windows(lines);
  add_chains(lines);
  add_dtypes(lines);
  add_concats(lines);
  return lines;
}

}  // namespace hekla::testing
