// Picking elements by index.
#include <fmt/format.h>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/onnx/operations/indices.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

Results gather_rows(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis("axis", 0, x.rank());
  return {Operand(gather(x, from_start(call[1], x.size(axis)), axis), call.operand(0).type)};
}

Results gather_elements(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& indices = call[1];
  const int axis = call.axis("axis", 0, x.rank());
  if (indices.rank() != x.rank())
    call.fail(fmt::format("{} is indexed by {}; equal ranks are needed.", describe(x), describe(indices)));
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) ranges[static_cast<std::size_t>(i)].stop = indices.size(i);
  }
  return {Operand(take_along_axis(slice(x, ranges), from_start(indices, x.size(axis)), axis),
                  call.operand(0).type)};
}

Results gather_nd(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& indices = call[1];
  const int batch = static_cast<int>(call.integer("batch_dims", 0));
  if (batch < 0 || batch >= x.rank() || batch >= indices.rank())
    call.fail(fmt::format("{} batch axes of {} and {}.", batch, describe(x), describe(indices)));
  const int depth = static_cast<int>(indices.size(-1));
  if (batch + depth > x.rank())
    call.fail(fmt::format("{} indices for each element of {}.", batch + depth, describe(x)));
  const Tensor rows = flat_positions(x, indices, batch);
  Shape result;
  for (int i = 0; i + 1 < indices.rank(); ++i) result.push_back(indices.size(i));
  for (int i = batch + depth; i < x.rank(); ++i) result.push_back(x.size(i));
  const Tensor table = with_flat_axes(x, batch + depth);
  return {Operand(reshape(gather(table, reshape(rows, {-1}), 0), result), call.operand(0).type)};
}

// The elements of an axis where a condition that is known holds.
Results compress(const Call& call) {
  const bool is_flat = !call.has_attribute("axis");
  const Tensor x = is_flat ? reshape(call[0], {-1}) : call[0];
  const int axis = is_flat ? 0 : call.axis("axis", 0, x.rank());
  const std::vector<std::int64_t> condition = call.known_integers(1);
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < condition.size() && static_cast<std::int64_t>(i) < x.size(axis); ++i) {
    if (condition[i] != 0) kept.push_back(static_cast<std::int64_t>(i));
  }
  if (kept.empty()) {
    std::vector<Range> nothing(static_cast<std::size_t>(x.rank()));
    nothing[static_cast<std::size_t>(axis)].stop = 0;
    return {Operand(slice(x, nothing), call.operand(0).type)};
  }
  const Tensor indices =
      tensor(std::span<const std::int64_t>(kept), Shape{static_cast<std::int64_t>(kept.size())});
  return {Operand(gather(x, indices, axis), call.operand(0).type)};
}

// Of elements that are known: how many there are is the result's shape.
Results non_zero(const Call& call) {
  const Shape& shape = call[0].shape();
  const std::vector<double> elements = call.known_numbers(0);
  const std::vector<std::int64_t> strides = strides_of(shape);
  std::vector<std::vector<std::int64_t>> found(static_cast<std::size_t>(shape.rank()));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i] == 0) continue;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const auto at = static_cast<std::size_t>(axis);
      found[at].push_back(static_cast<std::int64_t>(i) / strides[at] % shape[axis]);
    }
  }
  std::vector<std::int64_t> all;
  for (const auto& positions : found) all.insert(all.end(), positions.begin(), positions.end());
  const std::int64_t rank = shape.rank();
  const std::int64_t count = rank == 0 ? 0 : static_cast<std::int64_t>(all.size()) / rank;
  return {int64(tensor(std::span<const std::int64_t>(all), Shape{rank, count}))};
}

}  // namespace

std::vector<Conversion> gathers() {
  return {
      {"Compress", compress, {"axis"}},
      {"Gather", gather_rows, {"axis"}},
      {"GatherElements", gather_elements, {"axis"}},
      {"GatherND", gather_nd, {"batch_dims"}},
      {"NonZero", non_zero},
  };
}

}  // namespace hekla::onnx
