// See views.h.
#include "train/onnx/writing/views.h"

#include <algorithm>
#include <numeric>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/identity.h"
#include "ops/view.h"

namespace hekla::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

// -1 stands for one size that depends on the batch; a 0 beside it would be ambiguous.
std::string target_shape(GraphWriter& writer, const Tensor& x) {
  Integers sizes;
  int of_batch = 0;
  bool has_zero = false;
  for (const Size& size : writer.pairs().sizes(x)) {
    of_batch += size.of_batch ? 1 : 0;
    has_zero = has_zero || size.number == 0;
    sizes.push_back(size.of_batch ? -1 : size.number);
  }
  return of_batch > 1 || has_zero ? writer.shape(x) : writer.integers(sizes);
}

bool write_permutation(GraphWriter& writer, const Tensor& x) {
  const Tensor& input = x.node().inputs[0];
  // Axis k of x is axis integers[k] of the input. Nothing is moved before somebody needs it.
  const Integers& axes = writer.pairs().fixed_integers(x);
  std::vector<int> stored = writer.order_of(input);
  if (stored.empty()) {
    stored.resize(axes.size());
    std::iota(stored.begin(), stored.end(), 0);
  }
  const std::string name = writer.in_order(input, stored);
  std::vector<int> order;
  for (const int axis : stored)
    order.push_back(static_cast<int>(std::ranges::find(axes, axis) - axes.begin()));
  writer.set(x, name, order);
  return true;
}

// start, count and step of each axis.
bool write_slice(GraphWriter& writer, const Tensor& x) {
  const Tensor& input = x.node().inputs[0];
  const auto takes_whole = [](const Tensor& slice, int axis) {
    const std::int64_t* range = &slice.node().attributes.integers[static_cast<std::size_t>(3 * axis)];
    return range[0] == 0 && range[1] == slice.node().inputs[0].size(axis) && range[2] == 1;
  };
  Integers starts, ends, axes, steps;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto at = static_cast<std::size_t>(3 * axis);
    if (takes_whole(x, axis) && takes_whole(writer.pairs().other(x), axis)) continue;
    const Integers fixed = writer.pairs().fixed_integers(x, at, 3);
    const std::int64_t end = fixed[0] + fixed[1] * fixed[2];
    axes.push_back(axis);
    starts.push_back(fixed[0]);
    // Backwards to the first element: the end lies before it.
    ends.push_back(end < 0 ? -most_positions : end);
    steps.push_back(fixed[2]);
  }
  const std::string name = writer.plain(input);
  writer.set(x, axes.empty() ? name
                             : writer.add("Slice", {name, writer.integers(starts), writer.integers(ends),
                                                    writer.integers(axes), writer.integers(steps)}));
  return true;
}

// Elements before, after and between those of each axis.
bool write_padding(GraphWriter& writer, const Tensor& x) {
  const Integers& all = writer.pairs().fixed_integers(x);
  Integers pads;
  for (const std::size_t side : {0u, 1u}) {
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(x.rank()); ++axis) {
      if (all[3 * axis + 2] != 0) return false;
      pads.push_back(all[3 * axis + side]);
    }
  }
  // hekla cuts by padding with less than nothing, and so does ONNX.
  std::string name = writer.plain(x.node().inputs[0]);
  const bool is_bool = x.dtype() == DType::boolean;
  writer.set(x, writer.add("Pad", {name, writer.integers(pads),
                                   writer.scalar(writer.pairs().fixed_number(x),
                                                 is_bool ? DType::boolean : x.dtype())}));
  return true;
}

// axis, size, step and dilation: [.., n, ..] to [.., count, .., size].
bool write_windows(GraphWriter& writer, const Tensor& x) {
  const Integers& all = writer.pairs().fixed_integers(x);
  const int axis = static_cast<int>(all[0]);
  if (writer.pairs().sizes(x)[static_cast<std::size_t>(axis)].of_batch) return false;
  const Shape shape{x.size(axis), all[1]};
  const Tensor places = iota(shape, 0) * all[2] + iota(shape, 1) * all[3];
  const std::string taken = writer.add("Gather", {writer.plain(x.node().inputs[0]), writer.known_now(places)},
                                       {attribute("axis", static_cast<std::int64_t>(axis))});
  // The sizes of the windows lie behind their counts; x has them last.
  std::vector<int> order;
  for (int i = 0; i < x.rank() - 1; ++i) {
    order.push_back(i);
    if (i == axis) order.push_back(x.rank() - 1);
  }
  writer.set(x, taken, order);
  return true;
}

}  // namespace

bool write_view(GraphWriter& writer, const Tensor& x) {
  const Op* op = x.node().op;
  if (op == &permute_op) return write_permutation(writer, x);
  if (op == &broadcast_op) return true;  // written by whoever reads it
  if (op == &slice_op) return write_slice(writer, x);
  if (op == &pad_op) return write_padding(writer, x);
  if (op == &windows_op) return write_windows(writer, x);
  if (op == &tie_in_op) {
    writer.set(x, writer.plain(x.node().inputs[0]));
    return true;
  }
  if (op != &reshape_op) return false;
  writer.set(x, writer.add("Reshape", {writer.plain(x.node().inputs[0]), target_shape(writer, x)}));
  return true;
}

bool write_positions(GraphWriter& writer, const Tensor& x) {
  const int axis = iota_axis(x.node());
  if (!writer.pairs().sizes(x)[static_cast<std::size_t>(axis)].of_batch) return true;  // as what is broadcast
  const std::string sizes = writer.shape(x);
  const std::string at = writer.integers({axis});
  const std::string none = writer.integers({0});
  const auto as_scalar = [&](const std::string& name) { return writer.add("Squeeze", {name, none}); };
  const std::string size = as_scalar(writer.add("Gather", {sizes, at}));
  const std::string range = writer.add("Range", {as_scalar(none), size, as_scalar(writer.integers({1}))});
  std::string y =
      writer.add("Cast", {range}, {attribute("to", static_cast<std::int64_t>(element_type(x.dtype())))});
  Integers along(static_cast<std::size_t>(x.rank()), 1);
  along[static_cast<std::size_t>(axis)] = -1;
  if (x.rank() > 1) y = writer.add("Expand", {writer.add("Reshape", {y, writer.integers(along)}), sizes});
  writer.set(x, y);
  return true;
}

}  // namespace hekla::onnx
