// Max pooling with positions, and max unpooling.
#include "ops/nn/unpooling.h"

#include <fmt/format.h>

#include <limits>
#include <string_view>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/scatter.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Sizes = std::vector<std::int64_t>;
using Windows = std::vector<SpatialWindow>;

std::int64_t spatial_count(const Shape& shape) {
  std::int64_t count = 1;
  for (int axis = 1; axis + 1 < shape.rank(); ++axis) count *= shape[axis];
  return count;
}

// [batch, spatial axes, channels] with all spatial axes as one.
Tensor in_rows(const Tensor& x) { return reshape(x, Shape{x.size(0), spatial_count(x.shape()), x.size(-1)}); }

// Where in its axes the largest element of each window lies, given its place in the window.
Tensor positions_of(const Tensor& places, const Tensor& x, const Windows& windows) {
  Tensor rest = places, position = zeros(places.shape(), DType::i32);
  std::int64_t step = 1;
  for (int axis = static_cast<int>(windows.size()); axis >= 1; --axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    const auto size = static_cast<int>(window.size);
    const Tensor first = iota(places.shape(), axis) * static_cast<int>(window.stride) -
                         static_cast<int>(window.added_before(x.size(axis)));
    position = position + (first + rest % size) * static_cast<int>(step);
    rest = rest / size;
    step *= x.size(axis);
  }
  return position;
}

MaxPooled max_pool(std::string_view op, int axes, const Tensor& x, const Sizes& pool_size,
                   const PoolOptions& options) {
  const Windows windows = spatial_windows(
      op, axes, pool_size, options.strides.empty() ? pool_size : options.strides, {1}, options.padding);
  check_spatial(op, x, windows);
  const Tensor patches = stop_gradient(spatial_patches(x, windows, -std::numeric_limits<double>::infinity()));
  Shape shape{x.size(0)};
  std::int64_t elements = 1;
  for (int axis = 1; axis <= axes; ++axis) {
    shape.push_back(patches.size(axis));
    elements *= windows[static_cast<std::size_t>(axis - 1)].size;
  }
  Shape in_windows = shape;
  for (const std::int64_t size : {elements, x.size(-1)}) in_windows.push_back(size);
  shape.push_back(x.size(-1));
  const Tensor indices = positions_of(argmax(reshape(patches, in_windows), -2), x, windows);
  return {reshape(take_along_axis(in_rows(x), in_rows(indices), 1), shape), indices};
}

Sizes one_for_each(std::string_view op, std::string_view what, int axes, Sizes numbers) {
  if (numbers.size() == 1) numbers.resize(static_cast<std::size_t>(axes), numbers[0]);
  bool fitting = numbers.size() == static_cast<std::size_t>(axes);
  for (const std::int64_t number : numbers) fitting = fitting && number > 0;
  if (!fitting) {
    throw Error(fmt::format(
        "[{}] {} is {}; it must be positive, a number for each of {} spatial axes or one for all.", op, what,
        to_string(Shape(numbers)), axes));
  }
  return numbers;
}

Tensor max_unpool(std::string_view op, int axes, const Tensor& x, const Tensor& indices,
                  const Sizes& pool_size, const UnpoolOptions& options) {
  if (x.dtype() != DType::f32 || x.rank() != axes + 2 || indices.dtype() != DType::i32 ||
      !(indices.shape() == x.shape())) {
    throw Error(fmt::format(
        "[{}] elements {} at {}; they must be f32 [batch, {} spatial axes, channels] and i32 of the "
        "same shape.",
        op, describe(x), describe(indices), axes));
  }
  const Sizes pool = one_for_each(op, "pool_size", axes, pool_size);
  const Sizes strides =
      one_for_each(op, "strides", axes, options.strides.empty() ? pool_size : options.strides);
  Sizes sizes = options.output_size;
  for (int axis = 0; options.output_size.empty() && axis < axes; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    sizes.push_back((x.size(axis + 1) - 1) * strides[at] + pool[at]);
  }
  sizes = one_for_each(op, "output_size", axes, sizes);
  Shape shape{x.size(0)};
  for (const std::int64_t size : sizes) shape.push_back(size);
  shape.push_back(x.size(-1));
  const auto count = static_cast<int>(spatial_count(shape)), channels = static_cast<int>(x.size(-1));
  const Tensor place = (iota(x.shape(), 0) * count + indices) * channels + iota(x.shape(), -1);
  const Tensor inside = indices >= 0 && indices < count;
  return reshape(
      scatter_set(zeros({shape.count()}), reshape(where(inside, place, -1), {-1}), reshape(x, {-1})), shape);
}

}  // namespace

MaxPooled max_pool1d_with_indices(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool1d_with_indices", 1, x, pool_size, options);
}
MaxPooled max_pool2d_with_indices(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool2d_with_indices", 2, x, pool_size, options);
}
MaxPooled max_pool3d_with_indices(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool3d_with_indices", 3, x, pool_size, options);
}

Tensor max_unpool1d(const Tensor& x, const Tensor& indices, const Sizes& pool_size,
                    const UnpoolOptions& options) {
  return max_unpool("max_unpool1d", 1, x, indices, pool_size, options);
}
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, const Sizes& pool_size,
                    const UnpoolOptions& options) {
  return max_unpool("max_unpool2d", 2, x, indices, pool_size, options);
}
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, const Sizes& pool_size,
                    const UnpoolOptions& options) {
  return max_unpool("max_unpool3d", 3, x, indices, pool_size, options);
}

}  // namespace hekla
