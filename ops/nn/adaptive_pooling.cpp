// See adaptive_pooling.h.
#include "ops/nn/adaptive_pooling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/nn/spatial.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Sizes = std::vector<std::int64_t>;

// `count` bins over an axis of n elements.
struct Bins {
  std::int64_t n, count;

  std::int64_t start(std::int64_t bin) const { return bin * n / count; }
  std::int64_t stop(std::int64_t bin) const { return ((bin + 1) * n + count - 1) / count; }
  std::int64_t size(std::int64_t bin) const { return stop(bin) - start(bin); }
  bool equal() const { return n % count == 0; }
  std::int64_t largest() const {
    std::int64_t most = 0;
    for (std::int64_t bin = 0; bin < count; ++bin) most = std::max(most, size(bin));
    return most;
  }
};

std::vector<Bins> bins_for(std::string_view op, int axes, const Tensor& x, const Sizes& output_size) {
  const bool fits = output_size.size() == 1 || output_size.size() == static_cast<std::size_t>(axes);
  if (!fits || *std::min_element(output_size.begin(), output_size.end()) < 1) {
    throw Error(fmt::format(
        "[{}] output_size ({}) for {} spatial axes; give one positive number for all or one for each.", op,
        fmt::join(output_size, ","), axes));
  }
  // Bins fit every axis with elements, as windows of size 1 do.
  check_spatial(op, x, std::vector<SpatialWindow>(static_cast<std::size_t>(axes)));
  std::vector<Bins> bins;
  for (int axis = 1; axis <= axes; ++axis) {
    const std::size_t i = output_size.size() == 1 ? 0 : static_cast<std::size_t>(axis - 1);
    bins.push_back({.n = x.size(axis), .count = output_size[i]});
  }
  return bins;
}

// `sizes` along the axes from `axis` on, 1 along the others.
Shape shape_along(int rank, int axis, const Sizes& sizes) {
  Shape shape(Sizes(static_cast<std::size_t>(rank), 1));
  for (const std::int64_t size : sizes) shape[axis++] = size;
  return shape;
}

// Axis `axis` of x as two, bins and their elements, with `filler` after the last elements of smaller bins.
Tensor binned(const Tensor& x, int axis, const Bins& bins, double filler) {
  const std::int64_t most = bins.largest();
  if (bins.equal()) {
    Sizes sizes(x.shape().begin(), x.shape().end());
    sizes[static_cast<std::size_t>(axis)] = bins.count;
    sizes.insert(sizes.begin() + axis + 1, most);
    return reshape(x, Shape(sizes));
  }
  std::vector<std::int32_t> positions, inside;
  for (std::int64_t bin = 0; bin < bins.count; ++bin) {
    for (std::int64_t i = 0; i < most; ++i) {
      positions.push_back(static_cast<std::int32_t>(std::min(bins.start(bin) + i, bins.n - 1)));
      inside.push_back(i < bins.size(bin) ? 1 : 0);
    }
  }
  const Tensor picked = gather(x, tensor(positions, {bins.count, most}), axis);
  const Tensor within = tensor(inside, shape_along(picked.rank(), axis, {bins.count, most})) != 0;
  return where(within, picked, filler);
}

Tensor all_binned(const Tensor& x, const std::vector<Bins>& bins, double filler) {
  Tensor y = x;
  for (std::size_t i = 0; i < bins.size(); ++i) y = binned(y, 1 + 2 * static_cast<int>(i), bins[i], filler);
  return y;
}

// Where all_binned puts the elements of the bins.
std::vector<int> element_axes(const std::vector<Bins>& bins) {
  std::vector<int> axes;
  for (std::size_t i = 0; i < bins.size(); ++i) axes.push_back(2 + 2 * static_cast<int>(i));
  return axes;
}

Tensor average(std::string_view op, int axes, const Tensor& x, const Sizes& output_size) {
  const std::vector<Bins> bins = bins_for(op, axes, x, output_size);
  Tensor y = sum(all_binned(x, bins, 0), element_axes(bins));
  for (int axis = 1; axis <= axes; ++axis) {
    const Bins& along = bins[static_cast<std::size_t>(axis - 1)];
    std::vector<float> sizes;
    for (std::int64_t bin = 0; bin < along.count; ++bin) sizes.push_back(static_cast<float>(along.size(bin)));
    y = along.equal() ? y / sizes[0] : y / tensor(sizes, shape_along(y.rank(), axis, {along.count}));
  }
  return y;
}

Tensor largest(std::string_view op, int axes, const Tensor& x, const Sizes& output_size) {
  const std::vector<Bins> bins = bins_for(op, axes, x, output_size);
  return max(all_binned(x, bins, -std::numeric_limits<double>::infinity()), element_axes(bins));
}

}  // namespace

Tensor adaptive_average_pool1d(const Tensor& x, const Sizes& output_size) {
  return average("adaptive_average_pool1d", 1, x, output_size);
}
Tensor adaptive_average_pool2d(const Tensor& x, const Sizes& output_size) {
  return average("adaptive_average_pool2d", 2, x, output_size);
}
Tensor adaptive_average_pool3d(const Tensor& x, const Sizes& output_size) {
  return average("adaptive_average_pool3d", 3, x, output_size);
}

Tensor adaptive_max_pool1d(const Tensor& x, const Sizes& output_size) {
  return largest("adaptive_max_pool1d", 1, x, output_size);
}
Tensor adaptive_max_pool2d(const Tensor& x, const Sizes& output_size) {
  return largest("adaptive_max_pool2d", 2, x, output_size);
}
Tensor adaptive_max_pool3d(const Tensor& x, const Sizes& output_size) {
  return largest("adaptive_max_pool3d", 3, x, output_size);
}

}  // namespace hekla
