// See patches.h.
#include "ops/nn/patches.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "graph/error.h"
#include "ops/nn/spatial.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Sizes = std::vector<std::int64_t>;
using Windows = std::vector<SpatialWindow>;

constexpr int image_axes = 2;

void check_factor(std::string_view op, const Tensor& x, std::int64_t factor) {
  if (x.rank() < 3 || factor < 1) {
    throw Error(
        fmt::format("[{}] factor {} for {}; it takes a positive one and [.., height, width, channels].", op,
                    factor, describe(x)));
  }
}

// The product of all axes before height, width and channels.
std::int64_t images_in(const Tensor& x) {
  return Shape(std::span<const std::int64_t>(x.shape().begin(), x.shape().end() - 3)).count();
}

Shape with_image(const Tensor& x, std::int64_t height, std::int64_t width, std::int64_t channels) {
  Shape shape = x.shape();
  shape[x.rank() - 3] = height;
  shape[x.rank() - 2] = width;
  shape[x.rank() - 1] = channels;
  return shape;
}

Windows image_windows(std::string_view op, const Sizes& kernel_size, const FoldOptions& options) {
  return spatial_windows(op, image_axes, kernel_size, options.strides, options.dilation_rate,
                         PaddingMode::valid);
}

// The padding of height and of width.
Sizes image_padding(std::string_view op, const Sizes& padding) {
  const bool fits = padding.size() == 1 || padding.size() == image_axes;
  if (!fits || std::any_of(padding.begin(), padding.end(), [](std::int64_t n) { return n < 0; })) {
    throw Error(fmt::format(
        "[{}] padding ({}); give one number for both axes or one for each, none of them negative.", op,
        fmt::join(padding, ",")));
  }
  return {padding.front(), padding.back()};
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, std::int64_t factor) {
  check_factor("pixel_shuffle", x, factor);
  const std::int64_t images = images_in(x), height = x.size(-3), width = x.size(-2);
  if (x.size(-1) % factor != 0 || x.size(-1) / factor % factor != 0) {
    throw Error(fmt::format("[pixel_shuffle] {} has {} channels; they must be a multiple of {} squared.",
                            describe(x), x.size(-1), factor));
  }
  const std::int64_t channels = x.size(-1) / factor / factor;
  const Tensor parts = reshape(x, Shape{images, height, width, channels, factor, factor});
  return reshape(permute(parts, {0, 1, 4, 2, 5, 3}),
                 with_image(x, height * factor, width * factor, channels));
}

Tensor pixel_unshuffle(const Tensor& x, std::int64_t factor) {
  check_factor("pixel_unshuffle", x, factor);
  const std::int64_t images = images_in(x), channels = x.size(-1);
  if (x.size(-3) % factor != 0 || x.size(-2) % factor != 0) {
    throw Error(fmt::format("[pixel_unshuffle] {} has {} by {} pixels; both must be multiples of {}.",
                            describe(x), x.size(-3), x.size(-2), factor));
  }
  const std::int64_t height = x.size(-3) / factor, width = x.size(-2) / factor;
  const Tensor parts = reshape(x, Shape{images, height, factor, width, factor, channels});
  return reshape(permute(parts, {0, 1, 3, 5, 2, 4}),
                 with_image(x, height, width, channels * factor * factor));
}

Tensor unfold(const Tensor& x, const Sizes& kernel_size, const FoldOptions& options) {
  const Windows windows = image_windows("unfold", kernel_size, options);
  const Sizes padding = image_padding("unfold", options.padding);
  // Windows of size 1 check only what every x must satisfy: others need to fit the padded image.
  check_spatial("unfold", x, Windows(image_axes));
  const Tensor padded =
      pad(x, {{}, {.low = padding[0], .high = padding[0]}, {.low = padding[1], .high = padding[1]}});
  check_spatial("unfold", padded, windows);
  const Tensor patches = permute(spatial_patches(padded, windows), {0, 1, 2, 5, 3, 4});
  return reshape(patches, Shape{x.size(0), patches.size(1) * patches.size(2),
                                patches.size(3) * patches.size(4) * patches.size(5)});
}

Tensor fold(const Tensor& x, const Sizes& output_size, const Sizes& kernel_size, const FoldOptions& options) {
  const Windows windows = image_windows("fold", kernel_size, options);
  const Sizes padding = image_padding("fold", options.padding);
  if (output_size.size() != image_axes || output_size[0] < 1 || output_size[1] < 1) {
    throw Error(fmt::format("[fold] output_size ({}); it must be a height and a width, both positive.",
                            fmt::join(output_size, ",")));
  }
  const std::int64_t taps = windows[0].size * windows[1].size;
  const std::int64_t rows = windows[0].count(output_size[0] + 2 * padding[0]);
  const std::int64_t columns = windows[1].count(output_size[1] + 2 * padding[1]);
  if (rows < 1 || columns < 1) {
    throw Error(
        fmt::format("[fold] windows of ({}) do not fit an image of {} by {} with padding ({},{}); they must.",
                    fmt::join(kernel_size, ","), output_size[0], output_size[1], padding[0], padding[1]));
  }
  if (x.rank() != 3 || x.dtype() != DType::f32 || x.size(1) != rows * columns || x.size(2) % taps != 0) {
    throw Error(fmt::format(
        "[fold] x is {}; for an image of {} by {} it must be f32 [batch, {} windows, a multiple of "
        "{} elements].",
        describe(x), output_size[0], output_size[1], rows * columns, taps));
  }
  Tensor y = reshape(x, Shape{x.size(0), rows, columns, x.size(2) / taps, windows[0].size, windows[1].size});
  std::vector<Range> kept(1);
  std::vector<Padding> unreached(1);
  for (std::size_t i = 0; i < image_axes; ++i) {
    const int axis = static_cast<int>(i) + 1;
    y = overlap_add(y, axis, 4, windows[i]);
    const std::int64_t end = padding[i] + output_size[i];
    unreached.push_back({.high = std::max<std::int64_t>(end - y.size(axis), 0)});
    kept.push_back({.start = padding[i], .stop = end});
  }
  return slice(pad(y, unreached), kept);
}

}  // namespace hekla
