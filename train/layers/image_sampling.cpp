// See image_sampling.h.
#include "train/layers/image_sampling.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The index, on an axis of n, of the pixel that `position` (i32) reads: reflected, wrapped or clamped.
Tensor folded(const Tensor& position, std::int64_t n, std::string_view fill_mode) {
  if (fill_mode == "reflect") {
    const Tensor place = position % (2 * n);
    return minimum(place, 2 * n - 1 - place);
  }
  if (fill_mode == "wrap") return position % n;
  return minimum(maximum(position, 0), n - 1);
}

// The pixels at integer positions (i32 [batch, rows, columns]).
Tensor pixels(const Tensor& images, const Tensor& row, const Tensor& column, const ImageSampling& sampling) {
  const std::int64_t height = images.size(1), width = images.size(2), channels = images.size(3);
  const Tensor image = iota(row.shape(), 0);
  const Tensor place = (image * height + folded(row, height, sampling.fill_mode)) * width +
                       folded(column, width, sampling.fill_mode);
  const Tensor all = reshape(images, {images.size(0) * height * width, channels});
  const Tensor picked = gather(all, place);
  if (sampling.fill_mode != "constant") return picked;
  const Tensor inside = row >= 0 && row < height && column >= 0 && column < width;
  return where(expand_dims(inside, -1), picked, static_cast<float>(sampling.fill_value));
}

}  // namespace

void check_sampling(std::string_view layer, const ImageSampling& sampling) {
  const std::string& fill = sampling.fill_mode;
  if (fill != "constant" && fill != "reflect" && fill != "wrap" && fill != "nearest")
    throw Error(fmt::format("[{}] fill_mode '{}' is unknown; choose constant, reflect, wrap or nearest.",
                            layer, fill));
  if (sampling.interpolation != "bilinear" && sampling.interpolation != "nearest")
    throw Error(fmt::format("[{}] interpolation '{}' is unknown; choose bilinear or nearest.", layer,
                            sampling.interpolation));
}

Tensor sample_images(const Tensor& images, const Tensor& rows, const Tensor& columns,
                     const ImageSampling& sampling) {
  const Shape shape = broadcast_shapes(rows.shape(), columns.shape(), "sample_images");
  const Tensor y = broadcast_to(rows, shape), x = broadcast_to(columns, shape);
  const auto whole = [](const Tensor& position) { return cast(position, DType::i32); };
  if (sampling.interpolation == "nearest")
    return pixels(images, whole(floor(y + 0.5f)), whole(floor(x + 0.5f)), sampling);
  const Tensor top = floor(y), left = floor(x);
  const Tensor down = expand_dims(y - top, -1), right = expand_dims(x - left, -1);
  const Tensor row = whole(top), column = whole(left);
  const Tensor above =
      pixels(images, row, column, sampling) * (1 - right) + pixels(images, row, column + 1, sampling) * right;
  const Tensor below = pixels(images, row + 1, column, sampling) * (1 - right) +
                       pixels(images, row + 1, column + 1, sampling) * right;
  return above * (1 - down) + below * down;
}

}  // namespace hekla
