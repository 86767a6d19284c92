// See image_size.h.
#include "train/layers/image_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

struct Size {
  std::int64_t height, width;
};

void check_size(const LayerState& layer, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1)
    throw Error(fmt::format("[{}] {} by {}; both must be positive.", layer.display_name(), height, width));
}

// A height and a width, of which one is that of x, in the proportions of `size`.
Size proportional(const Tensor& x, const Size& size) {
  return {.height = x.size(width_axis) * size.height / size.width,
          .width = x.size(height_axis) * size.width / size.height};
}

Tensor middle(const Tensor& x, const Size& size) {
  const std::int64_t top = (x.size(height_axis) - size.height) / 2,
                     left = (x.size(width_axis) - size.width) / 2;
  return slice(x, {{}, {top, top + size.height}, {left, left + size.width}});
}

Tensor cropped_to_proportions(const Tensor& x, const Size& size) {
  const Size wanted = proportional(x, size);
  return middle(x, {.height = std::clamp<std::int64_t>(wanted.height, 1, x.size(height_axis)),
                    .width = std::clamp<std::int64_t>(wanted.width, 1, x.size(width_axis))});
}

Tensor padded_to_proportions(const Tensor& x, const Size& size, double value) {
  const Size wanted = proportional(x, size);
  const std::int64_t above = std::max<std::int64_t>(wanted.height - x.size(height_axis), 0) / 2;
  const std::int64_t left = std::max<std::int64_t>(wanted.width - x.size(width_axis), 0) / 2;
  return pad(x, {{}, {.low = above, .high = above}, {.low = left, .high = left}}, value);
}

Tensor of_size(const Tensor& x, const Size& size, Interpolation interpolation) {
  return resized(resized(x, height_axis, size.height, interpolation), width_axis, size.width, interpolation);
}

}  // namespace

Resizing::Resizing(std::int64_t height, std::int64_t width, const ResizingOptions& options)
    : height_(height),
      width_(width),
      options_(options),
      state_(std::make_shared<LayerState>("Resizing", options.name)) {
  check_size(*state_, height, width);
  interpolation_ = interpolation_named(state_->display_name(), options.interpolation);
  if (options.crop_to_aspect_ratio && options.pad_to_aspect_ratio)
    throw Error(
        fmt::format("[{}] images are to be both cropped and padded; choose one.", state_->display_name()));
}

Tensor Resizing::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_images(*state_, x);
  const Size size{height_, width_};
  Tensor images = as_float(x);
  if (options_.crop_to_aspect_ratio) images = cropped_to_proportions(images, size);
  if (options_.pad_to_aspect_ratio) images = padded_to_proportions(images, size, options_.fill_value);
  return call.done(of_size(images, size, interpolation_));
}

CenterCrop::CenterCrop(std::int64_t height, std::int64_t width, const LayerOptions& options)
    : height_(height), width_(width), state_(std::make_shared<LayerState>("CenterCrop", options.name)) {
  check_size(*state_, height, width);
}

Tensor CenterCrop::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_images(*state_, x);
  const Size size{height_, width_};
  const Tensor images = as_float(x);
  if (x.size(height_axis) >= height_ && x.size(width_axis) >= width_) return call.done(middle(images, size));
  return call.done(of_size(cropped_to_proportions(images, size), size, Interpolation::bilinear));
}

}  // namespace hekla
