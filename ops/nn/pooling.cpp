// Pooling.
#include "ops/nn/pooling.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Sizes = std::vector<std::int64_t>;
using Windows = std::vector<SpatialWindow>;

Windows windows_for(std::string_view op, int axes, const Tensor& x, const Sizes& pool_size,
                    const PoolOptions& options) {
  const Windows windows = spatial_windows(
      op, axes, pool_size, options.strides.empty() ? pool_size : options.strides, {1}, options.padding);
  check_spatial(op, x, windows);
  return windows;
}

std::vector<int> axes_between(int first, int end) {
  std::vector<int> axes;
  for (int axis = first; axis < end; ++axis) axes.push_back(axis);
  return axes;
}

// For each axis the size of its windows, their stride, and the elements added before and after.
Attributes attributes_of(const Tensor& x, const Windows& windows) {
  Attributes attributes;
  for (int axis = 1; axis < x.rank() - 1; ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    const std::int64_t n = x.size(axis);
    attributes.integers.insert(attributes.integers.end(),
                               {window.size, window.stride, window.added_before(n), window.added_after(n)});
  }
  return attributes;
}

Tensor max_pool(std::string_view op, int axes, const Tensor& x, const Sizes& pool_size,
                const PoolOptions& options) {
  const Windows windows = windows_for(op, axes, x, pool_size, options);
  const Tensor patches = spatial_patches(x, windows, -std::numeric_limits<double>::infinity());
  return with_origin(max(patches, axes_between(1 + axes, 1 + 2 * axes)),
                     {"max_pool", {x}, attributes_of(x, windows)});
}

// For each window along `axis` of `shape`, the number of its elements that lie inside an axis of `n`.
Tensor shown(const Shape& shape, int axis, const SpatialWindow& window, std::int64_t n) {
  const Tensor first = iota(shape, axis) * window.stride - window.added_before(n);
  return cast(minimum(first + window.size, n) - maximum(first, 0), DType::f32);
}

Tensor average_pool(std::string_view op, int axes, const Tensor& x, const Sizes& pool_size,
                    const PoolOptions& options) {
  const Windows windows = windows_for(op, axes, x, pool_size, options);
  const Tensor total = sum(spatial_patches(x, windows, 0), axes_between(1 + axes, 1 + 2 * axes));
  double inside = 1;
  Tensor counts;
  for (int axis = 1; axis <= axes; ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    const std::int64_t n = x.size(axis);
    if (window.added_before(n) + window.added_after(n) == 0) {
      inside *= static_cast<double>(window.size);
      continue;
    }
    const Tensor count = shown(total.shape(), axis, window, n);
    counts = counts.defined() ? counts * count : count;
  }
  return with_origin(counts.defined() ? total / (counts * inside) : total * (1 / inside),
                     {"average_pool", {x}, attributes_of(x, windows)});
}

Tensor lp_pool(std::string_view op, int axes, const Tensor& x, double p, const Sizes& pool_size,
               const PoolOptions& options) {
  if (!(p > 0 && std::isfinite(p)))
    throw Error(fmt::format("[{}] p is {}; it must be positive and finite.", op, p));
  const Windows windows = windows_for(op, axes, x, pool_size, options);
  const Tensor total = sum(spatial_patches(pow(x, p), windows, 0), axes_between(1 + axes, 1 + 2 * axes));
  // The root's gradient at 0 is infinite.
  const Tensor empty = total == 0;
  return where(empty, 0, pow(where(empty, 1, total), 1 / p));
}

std::vector<int> spatial_axes(std::string_view op, const Tensor& x) {
  bool empty = false;
  for (int axis = 1; axis < x.rank() - 1; ++axis) empty = empty || x.size(axis) == 0;
  if (x.rank() < 3 || empty || x.dtype() != DType::f32) {
    throw Error(
        fmt::format("[{}] x is {}; it must be f32 [batch, spatial axes, channels] with elements to pool.", op,
                    describe(x)));
  }
  return axes_between(1, x.rank() - 1);
}

}  // namespace

Tensor max_pool1d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool1d", 1, x, pool_size, options);
}
Tensor max_pool2d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool2d", 2, x, pool_size, options);
}
Tensor max_pool3d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return max_pool("max_pool3d", 3, x, pool_size, options);
}

Tensor average_pool1d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return average_pool("average_pool1d", 1, x, pool_size, options);
}
Tensor average_pool2d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return average_pool("average_pool2d", 2, x, pool_size, options);
}
Tensor average_pool3d(const Tensor& x, const Sizes& pool_size, const PoolOptions& options) {
  return average_pool("average_pool3d", 3, x, pool_size, options);
}

Tensor lp_pool1d(const Tensor& x, double p, const Sizes& pool_size, const PoolOptions& options) {
  return lp_pool("lp_pool1d", 1, x, p, pool_size, options);
}
Tensor lp_pool2d(const Tensor& x, double p, const Sizes& pool_size, const PoolOptions& options) {
  return lp_pool("lp_pool2d", 2, x, p, pool_size, options);
}

Tensor global_max_pool(const Tensor& x, KeepDims keep) {
  return max(x, spatial_axes("global_max_pool", x), keep);
}
Tensor global_average_pool(const Tensor& x, KeepDims keep) {
  return mean(x, spatial_axes("global_average_pool", x), keep);
}

}  // namespace hekla
