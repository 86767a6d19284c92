// See image_sampling.h.
#include "train/layers/image_sampling.h"

#include <array>
#include <utility>

#include "graph/choice.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/nn/resize.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr std::array<std::pair<std::string_view, FillMode>, 4> fill_modes{{{"constant", FillMode::constant},
                                                                           {"reflect", FillMode::reflect},
                                                                           {"wrap", FillMode::wrap},
                                                                           {"nearest", FillMode::nearest}}};
constexpr std::array<std::pair<std::string_view, Interpolation>, 2> interpolations{
    {{"bilinear", Interpolation::bilinear}, {"nearest", Interpolation::nearest}}};

// Where on an axis of n the pixel is that stands at `position` (i32).
Tensor folded(const Tensor& position, std::int64_t n, FillMode fill_mode) {
  if (fill_mode == FillMode::reflect) {
    const Tensor place = position % (2 * n);
    return minimum(place, 2 * n - 1 - place);
  }
  if (fill_mode == FillMode::wrap) return position % n;
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
  if (sampling.fill_mode != FillMode::constant) return picked;
  const Tensor inside = row >= 0 && row < height && column >= 0 && column < width;
  return where(expand_dims(inside, -1), picked, static_cast<float>(sampling.fill_value));
}

}  // namespace

FillMode fill_mode_named(std::string_view layer, std::string_view name) {
  return choose(layer, name, fill_modes, "fill_mode");
}

Interpolation interpolation_named(std::string_view layer, std::string_view name) {
  return choose(layer, name, interpolations, "interpolation");
}

Tensor sample_images(const Tensor& images, const Tensor& rows, const Tensor& columns,
                     const ImageSampling& sampling) {
  const Shape shape = broadcast_shapes(rows.shape(), columns.shape(), "sample_images");
  const Tensor y = broadcast_to(rows, shape), x = broadcast_to(columns, shape);
  const auto whole = [](const Tensor& position) { return cast(position, DType::i32); };
  if (sampling.interpolation == Interpolation::nearest)
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

Tensor resized(const Tensor& x, int axis, std::int64_t size, Interpolation interpolation) {
  const bool nearest = interpolation == Interpolation::nearest;
  return resize_axis(x, axis, size, {.method = nearest ? ResizeMethod::nearest : ResizeMethod::bilinear});
}

}  // namespace hekla
