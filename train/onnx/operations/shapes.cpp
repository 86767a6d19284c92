// Operations that move elements without computing.
#include "ops/reorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t most_parts = 100'000;

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

Results tile_to(const Call& call) {
  return {Operand(tile(call[0], call.known_integers(1)), call.operand(0).type)};
}

Results concatenate(const Call& call) {
  const std::vector<Tensor> tensors = call.tensors();
  if (tensors.empty()) call.fail("there is nothing to join.");
  return {Operand(concat(tensors, call.axis("axis", call.opset() < 4 ? 1 : 0, tensors[0].rank())),
                  call.operand(0).type)};
}

Results split_into(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis("axis", 0, x.rank());
  const std::int64_t n = x.size(axis);
  Sizes sizes = call.integers_of("split", 1).value_or(Sizes());
  if (sizes.empty()) {
    const std::int64_t parts = call.integer("num_outputs", static_cast<std::int64_t>(call.output_count()));
    if (parts < 1 || parts > most_parts)
      call.fail(fmt::format("{} parts; one to {} are needed.", parts, most_parts));
    const std::int64_t each = (n + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i)
      sizes.push_back(std::max<std::int64_t>(std::min(each, n - i * each), 0));
  }
  Results parts;
  for (const Tensor& part : split(x, sizes, axis)) parts.emplace_back(part, call.operand(0).type);
  return parts;
}

// A bound of a range, as NumPy's slices have it: positions beyond the axis end at it.
Results slice_of(const Call& call) {
  const Tensor& x = call[0];
  const bool older = call.opset() < 10;
  const Sizes starts = older ? call.wide_integers("starts") : call.known_wide_integers(1);
  const Sizes ends = older ? call.wide_integers("ends") : call.known_wide_integers(2);
  Sizes axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (const auto given = call.integers_of("axes", 3)) axes = *given;
  const Sizes steps = call.has_input(4) ? call.known_wide_integers(4) : Sizes(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    call.fail(fmt::format("there are {} starts, {} ends, {} axes and {} steps; equally many are needed.",
                          starts.size(), ends.size(), axes.size(), steps.size()));
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int axis = call.axis_at(axes[i], x.rank());
    const std::int64_t n = x.size(axis);
    if (steps[i] == 0) call.fail("a step of 0; a slice needs another.");
    // Backwards, the end may lie before the first element, which hekla says by leaving it out.
    const std::int64_t low = steps[i] > 0 ? 0 : -1;
    const std::int64_t high = steps[i] > 0 ? n : n - 1;
    const auto bounded = [&](std::int64_t position) {
      return std::clamp(position < 0 ? position + n : position, low, high);
    };
    const std::int64_t start = bounded(std::max(starts[i], -most_positions - n));
    const std::int64_t stop = bounded(std::max(ends[i], -most_positions - n));
    const std::int64_t step = std::clamp(steps[i], -most_positions, most_positions);
    Range& range = ranges[static_cast<std::size_t>(axis)];
    if ((step > 0 && stop <= start) || (step < 0 && stop >= start))
      range = {.start = 0, .stop = 0};
    else
      range = {.start = start, .stop = stop < 0 ? Range::whole : stop, .step = step};
  }
  return {Operand(slice(x, ranges), call.operand(0).type)};
}

Results pad_with(const Call& call) {
  const Tensor& x = call[0];
  const Sizes pads = call.integers_of("pads", 1).value_or(Sizes());
  Sizes axes(static_cast<std::size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  if (call.has_input(3)) axes = call.known_integers(3);
  if (pads.size() != 2 * axes.size())
    call.fail(
        fmt::format("there are {} pads for {} axes; two for each are needed.", pads.size(), axes.size()));
  std::vector<Padding> paddings(static_cast<std::size_t>(x.rank()));
  std::vector<Range> kept(static_cast<std::size_t>(x.rank()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(call.axis_at(axes[i], x.rank()));
    const std::int64_t low = pads[i];
    const std::int64_t high = pads[i + axes.size()];
    // Negative pads cut off.
    kept[axis] = {.start = std::max<std::int64_t>(-low, 0), .stop = high < 0 ? high : Range::whole};
    paddings[axis] = {.low = std::max<std::int64_t>(low, 0), .high = std::max<std::int64_t>(high, 0)};
  }
  const Tensor cut = slice(x, kept);
  const std::string mode = call.text("mode", "constant");
  if (mode == "constant") {
    const double value = call.opset() < 11   ? call.number("value", 0)
                         : call.has_input(2) ? call.known_number(2)
                                             : 0;
    return {Operand(pad(cut, paddings, value), call.operand(0).type)};
  }
  const PadMode as = mode == "reflect" ? PadMode::reflect
                     : mode == "edge"  ? PadMode::edge
                                       : PadMode::circular;
  if (as == PadMode::circular && mode != "wrap")
    call.fail(
        fmt::format("the mode is {}; constant, reflect, edge or wrap is needed.", files::in_quotes(mode)));
  return {Operand(pad(cut, paddings, as), call.operand(0).type)};
}

Results triangle(const Call& call) {
  const Tensor& x = call[0];
  const std::int64_t k = call.has_input(1) ? call.known_integer(1) : 0;
  return {Operand(call.flag("upper", true) ? triu(x, k) : tril(x, k), call.operand(0).type)};
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

// Cuts or pads each of the axes around its middle.
Results center_crop_pad(const Call& call) {
  Tensor x = call[0];
  const Sizes target = call.known_integers(1);
  Sizes axes(static_cast<std::size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  axes = call.integers("axes", axes);
  if (axes.size() != target.size())
    call.fail(fmt::format("there are {} sizes for {} axes.", target.size(), axes.size()));
  std::vector<Padding> paddings(static_cast<std::size_t>(x.rank()));
  std::vector<Range> kept(static_cast<std::size_t>(x.rank()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const int axis = call.axis_at(axes[i], x.rank());
    const std::int64_t missing = target[i] - x.size(axis);
    const auto at = static_cast<std::size_t>(axis);
    if (missing >= 0) {
      paddings[at] = {.low = missing / 2, .high = missing - missing / 2};
    } else {
      const std::int64_t start = -missing / 2;
      kept[at] = {.start = start, .stop = start + target[i]};
    }
  }
  return {Operand(pad(slice(x, kept), paddings), call.operand(0).type)};
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
      {"CenterCropPad", center_crop_pad, {"axes"}},
      {"Concat", concatenate, {"axis"}},
      {"DepthToSpace", depth_to_space, {"blocksize", "mode"}},
      {"Expand", expand},
      {"Flatten", flatten, {"axis"}},
      {"Pad", pad_with, {"mode", "pads", "value"}},
      {"Reshape", reshape_to, {"allowzero"}},
      {"ReverseSequence", reverse_sequence, {"batch_axis", "time_axis"}},
      {"Shape", shape_of, {"start", "end"}},
      {"Size", size_of},
      {"Slice", slice_of, {"axes", "ends", "starts"}},
      {"SpaceToDepth", space_to_depth, {"blocksize"}},
      {"Split", split_into, {"axis", "num_outputs", "split"}},
      {"Squeeze", squeeze_axes, {"axes"}},
      {"Tile", tile_to},
      {"Transpose", transpose_to, {"perm"}},
      {"Trilu", triangle, {"upper"}},
      {"Unsqueeze", unsqueeze, {"axes"}},
  };
}

}  // namespace hekla::onnx
