// Folding the elements of segments: scattering along the first axis.
#include "ops/segment.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/scatter.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The shape of the result.
Shape checked_shape(std::string_view op, const Tensor& values, const Tensor& ids, std::int64_t count) {
  if (values.rank() == 0 || ids.rank() != 1 || ids.size(0) != values.size(0)) {
    throw Error(fmt::format("[{}] {} with ids {}; there must be one id for each row of the values.", op,
                            describe(values), describe(ids)));
  }
  if (ids.dtype() != DType::i32 && ids.dtype() != DType::u32)
    throw Error(fmt::format("[{}] ids are {}; they must be i32 or u32 (see hk::cast).", op, describe(ids)));
  if (count < 0) throw Error(fmt::format("[{}] count {}; it must not be negative.", op, count));
  Shape shape = values.shape();
  shape[0] = count;
  return shape;
}

}  // namespace

Tensor segment_sum(const Tensor& values, const Tensor& segment_ids, std::int64_t count) {
  return scatter_add(checked_shape("segment_sum", values, segment_ids, count), segment_ids, values);
}

Tensor segment_mean(const Tensor& values, const Tensor& segment_ids, std::int64_t count) {
  return scatter_mean(checked_shape("segment_mean", values, segment_ids, count), segment_ids, values);
}

Tensor segment_max(const Tensor& values, const Tensor& segment_ids, std::int64_t count) {
  const Shape shape = checked_shape("segment_max", values, segment_ids, count);
  const double lowest = is_float(values.dtype()) ? -infinity : values.dtype() == DType::i32 ? INT32_MIN : 0;
  return scatter_max(full(shape, lowest, values.dtype()), segment_ids, values);
}

Tensor segment_min(const Tensor& values, const Tensor& segment_ids, std::int64_t count) {
  const Shape shape = checked_shape("segment_min", values, segment_ids, count);
  const double largest = is_float(values.dtype())       ? infinity
                         : values.dtype() == DType::i32 ? INT32_MAX
                                                        : UINT32_MAX;
  return scatter_min(full(shape, largest, values.dtype()), segment_ids, values);
}

Tensor segment_softmax(const Tensor& values, const Tensor& segment_ids, std::int64_t count) {
  checked_shape("segment_softmax", values, segment_ids, count);
  if (values.dtype() != DType::f32)
    throw Error(fmt::format("[segment_softmax] {} is not f32; cast it first.", describe(values)));
  if (values.count() == 0 || count == 0) return zeros_like(values);
  Shape column(values.shape());
  for (int axis = 1; axis < column.rank(); ++axis) column[axis] = 1;
  const Tensor inside = reshape(segment_ids >= 0 && segment_ids < static_cast<double>(count), column);
  const Tensor largest =
      gather(stop_gradient(segment_max(stop_gradient(values), segment_ids, count)), segment_ids);
  // In rows of no segment any finite number serves.
  const Tensor power = where(inside, exp(where(inside, values - largest, 0)), 0);
  const Tensor total = gather(segment_sum(power, segment_ids, count), segment_ids);
  return power / where(inside, total, 1);
}

}  // namespace hekla
