// Layers that change the size of images, [batch, height, width] with or without an axis of channels after it; bytes and
// integers are taken as f32. They throw hekla::Error at a call on another rank.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "train/layers/image_sampling.h"
#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// What Resizing takes, with Keras's names and defaults.
struct ResizingOptions {
  std::string name = {};
  std::string interpolation = "bilinear";  ///< or "nearest"
  bool crop_to_aspect_ratio = false;  ///< what the new proportions leave out is cut off, evenly at both ends
  bool pad_to_aspect_ratio = false;   ///< what they need is added, evenly at both ends
  double fill_value = 0;              ///< of what is added
};

/// Images of the given height and width, whose pixels are interpolated between the centers of those of x; without
/// smoothing where the images get smaller. (keras.layers.Resizing, without antialias.)
class Resizing {
 public:
  /// Throws hekla::Error unless both sizes are positive, on another interpolation, and when images are to be both cropped
  /// and padded.
  Resizing(std::int64_t height, std::int64_t width, const ResizingOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::int64_t height_, width_;
  ResizingOptions options_;
  Interpolation interpolation_;
  std::shared_ptr<LayerState> state_;
};

/// The middle of the images, of the given height and width. Images that are smaller are resized, cropped to the proportions,
/// as Resizing does. (keras.layers.CenterCrop.)
class CenterCrop {
 public:
  /// Throws hekla::Error unless both sizes are positive.
  CenterCrop(std::int64_t height, std::int64_t width, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::int64_t height_, width_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
