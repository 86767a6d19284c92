// Operations that cut tensors and join them.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/join.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t most_parts = 100'000;

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
    if (target[i] < 0) call.fail(fmt::format("an axis of size {}.", target[i]));
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

}  // namespace

std::vector<Conversion> cuts() {
  return {
      {"CenterCropPad", center_crop_pad, {"axes"}},
      {"Concat", concatenate, {"axis"}},
      {"Pad", pad_with, {"mode", "pads", "value"}},
      {"Slice", slice_of, {"axes", "ends", "starts"}},
      {"Split", split_into, {"axis", "num_outputs", "split"}},
      {"Tile", tile_to},
      {"Trilu", triangle, {"upper"}},
  };
}

}  // namespace hekla::onnx
