// Operations that change shapes.
#include "ops/reorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Sizes = std::vector<std::int64_t>;

Results reshape_to(const Call& call) {
  const Tensor& x = call[0];
  Sizes sizes = call.known_integers(1);
  const bool zero_is_zero = call.flag("allowzero");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != 0 || zero_is_zero) continue;
    if (static_cast<int>(i) >= x.rank())
      call.fail(
          fmt::format("size {} of the new shape is that of an axis that {} does not have.", i, describe(x)));
    sizes[i] = x.size(static_cast<int>(i));
  }
  return {Operand(reshape(x, sizes), call.operand(0).type)};
}

Results flatten(const Call& call) {
  const Tensor& x = call[0];
  std::int64_t axis = call.integer("axis", 1);
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis > x.rank())
    call.fail(fmt::format("axis {} is outside of {}.", call.integer("axis", 1), describe(x)));
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  for (int i = 0; i < x.rank(); ++i) (i < axis ? rows : columns) *= x.size(i);
  return {Operand(reshape(x, Shape{rows, columns}), call.operand(0).type)};
}

Results transpose_to(const Call& call) {
  const Tensor& x = call[0];
  std::vector<int> order;
  for (const std::int64_t axis : call.integers("perm")) order.push_back(call.axis_at(axis, x.rank()));
  if (!call.has_attribute("perm")) {
    for (int axis = x.rank() - 1; axis >= 0; --axis) order.push_back(axis);
  }
  return {Operand(permute(x, order), call.operand(0).type)};
}

Results squeeze_axes(const Call& call) {
  const Tensor& x = call[0];
  const auto axes = call.integers_of("axes", 1);
  std::vector<int> squeezed;
  if (axes) {
    for (const std::int64_t axis : *axes) squeezed.push_back(call.axis_at(axis, x.rank()));
  } else {
    for (int axis = 0; axis < x.rank(); ++axis) {
      if (x.size(axis) == 1) squeezed.push_back(axis);
    }
  }
  return {Operand(squeezed.empty() ? x : squeeze(x, squeezed), call.operand(0).type)};
}

Results unsqueeze(const Call& call) {
  Tensor x = call[0];
  const Sizes given = call.integers_of("axes", 1).value_or(Sizes());
  std::vector<int> axes;
  for (const std::int64_t axis : given)
    axes.push_back(call.axis_at(axis, x.rank() + static_cast<int>(given.size())));
  std::ranges::sort(axes);
  for (const int axis : axes) x = expand_dims(x, std::min(axis, x.rank()));
  return {Operand(x, call.operand(0).type)};
}

Results shape_of(const Call& call) {
  const Tensor& x = call[0];
  const auto clamped = [&](std::int64_t position) {
    return std::clamp<std::int64_t>(position < 0 ? position + x.rank() : position, 0, x.rank());
  };
  const std::int64_t start = clamped(call.integer("start", 0));
  const std::int64_t end = clamped(call.integer("end", x.rank()));
  Sizes sizes;
  for (std::int64_t axis = start; axis < end; ++axis) sizes.push_back(x.size(static_cast<int>(axis)));
  return {
      int64(tensor(std::span<const std::int64_t>(sizes), Shape{static_cast<std::int64_t>(sizes.size())}))};
}

Results size_of(const Call& call) {
  return {int64(constant(static_cast<double>(call[0].count()), {}, DType::i32))};
}

Results expand(const Call& call) {
  const Tensor& x = call[0];
  const Shape shape = broadcast_shapes(x.shape(), Shape(call.known_integers(1)), "Expand");
  return {Operand(broadcast_to(x, shape), call.operand(0).type)};
}

// NCHW as ONNX has it.
Results depth_to_space(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() != 4) call.fail(fmt::format("{} is given; [n, c, h, w] is needed.", describe(x)));
  const std::int64_t b = call.integer("blocksize");
  if (b < 1 || x.size(1) % (b * b) != 0)
    call.fail(fmt::format("{} channels do not divide into blocks of {} x {}.", x.size(1), b, b));
  const std::int64_t c = x.size(1) / (b * b);
  const std::int64_t n = x.size(0);
  const std::int64_t h = x.size(2);
  const std::int64_t w = x.size(3);
  const bool is_crd = call.text("mode", "DCR") == "CRD";
  const Tensor blocks = is_crd ? permute(reshape(x, Sizes{n, c, b, b, h, w}), {0, 1, 4, 2, 5, 3})
                               : permute(reshape(x, Sizes{n, b, b, c, h, w}), {0, 3, 4, 1, 5, 2});
  return {Operand(reshape(blocks, Sizes{n, c, h * b, w * b}), call.operand(0).type)};
}

Results space_to_depth(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() != 4) call.fail(fmt::format("{} is given; [n, c, h, w] is needed.", describe(x)));
  const std::int64_t b = call.integer("blocksize");
  if (b < 1 || x.size(2) % b != 0 || x.size(3) % b != 0)
    call.fail(fmt::format("{} does not divide into blocks of {} x {}.", describe(x), b, b));
  const Tensor blocks = permute(reshape(x, Sizes{x.size(0), x.size(1), x.size(2) / b, b, x.size(3) / b, b}),
                                {0, 3, 5, 1, 2, 4});
  return {Operand(reshape(blocks, Sizes{x.size(0), x.size(1) * b * b, x.size(2) / b, x.size(3) / b}),
                  call.operand(0).type)};
}

// The first elements of each sequence in reverse order, the others as they are.
Results reverse_sequence(const Call& call) {
  const Tensor& x = call[0];
  const int batch_axis = call.axis("batch_axis", 1, x.rank());
  const int time_axis = call.axis("time_axis", 0, x.rank());
  Shape along_batch;
  for (int axis = 0; axis < x.rank(); ++axis) along_batch.push_back(axis == batch_axis ? x.size(axis) : 1);
  const Tensor length = broadcast_to(reshape(call[1], along_batch), x.shape());
  const Tensor time = iota(x.shape(), time_axis);
  return {Operand(take_along_axis(x, where(time < length, length - 1 - time, time), time_axis),
                  call.operand(0).type)};
}

}  // namespace

std::vector<Conversion> shapes() {
  return {
      {"DepthToSpace", depth_to_space, {"blocksize", "mode"}},
      {"Expand", expand},
      {"Flatten", flatten, {"axis"}},
      {"Reshape", reshape_to, {"allowzero"}},
      {"ReverseSequence", reverse_sequence, {"batch_axis", "time_axis"}},
      {"Shape", shape_of, {"start", "end"}},
      {"Size", size_of},
      {"SpaceToDepth", space_to_depth, {"blocksize"}},
      {"Squeeze", squeeze_axes, {"axes"}},
      {"Transpose", transpose_to, {"perm"}},
      {"Unsqueeze", unsqueeze, {"axes"}},
  };
}

}  // namespace hekla::onnx
