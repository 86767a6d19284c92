// Pooling over spatial axes. Tensors are channels last, [batch, spatial axes, channels]; bytes and integers
// are taken as f32.
#pragma once

#include <memory>
#include <string>

#include "ops/nn/pooling.h"
#include "train/layers/layer.h"
#include "train/layers/spatial_options.h"

namespace hekla {

/// What the layers of pooling over windows take, with Keras's names and defaults.
struct PoolLayerOptions {
  std::string name = {};
  AxisSizes strides = {};  ///< empty: the pool size
  PaddingName padding = PaddingMode::valid;
};

/// What is made of the elements of a window.
enum class PoolingKind { max, average };

/// The largest element or the mean of each window, channel by channel: [batch, spatial, channels] to [batch,
/// counts, channels] (see hk::max_pool2d, hk::average_pool2d and hk::PaddingMode for the counts). Throws
/// hekla::Error at a call when x has another rank or the window does not fit.
template <PoolingKind kind, int axes>
class Pooling {
 public:
  /// Throws hekla::Error unless sizes and strides are positive and lists have a number for each spatial axis
  /// or one for all.
  explicit Pooling(AxisSizes pool_size = 2, PoolLayerOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  AxisSizes pool_size_;
  PoolLayerOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// The largest, over one, two and three spatial axes. (keras.layers.MaxPooling1D, MaxPooling2D, MaxPooling3D.)
using MaxPooling1D = Pooling<PoolingKind::max, 1>;
using MaxPooling2D = Pooling<PoolingKind::max, 2>;
using MaxPooling3D = Pooling<PoolingKind::max, 3>;

/// The mean, over one, two and three spatial axes. (keras.layers.AveragePooling1D, AveragePooling2D,
/// AveragePooling3D.)
using AveragePooling1D = Pooling<PoolingKind::average, 1>;
using AveragePooling2D = Pooling<PoolingKind::average, 2>;
using AveragePooling3D = Pooling<PoolingKind::average, 3>;

/// What the layers of global pooling take, with Keras's names and defaults.
struct GlobalPoolingOptions {
  std::string name = {};
  bool keepdims = false;  ///< the spatial axes stay, with one element each
};

/// The largest element or the mean of each channel: [batch, spatial, channels] to [batch, channels]. Throws
/// hekla::Error at a call when x has another rank or an empty spatial axis.
template <PoolingKind kind, int axes>
class GlobalPooling {
 public:
  explicit GlobalPooling(const GlobalPoolingOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  KeepDims keep_;
  std::shared_ptr<LayerState> state_;
};

/// The largest, over one, two and three spatial axes. (keras.layers.GlobalMaxPooling1D, GlobalMaxPooling2D,
/// GlobalMaxPooling3D.)
using GlobalMaxPooling1D = GlobalPooling<PoolingKind::max, 1>;
using GlobalMaxPooling2D = GlobalPooling<PoolingKind::max, 2>;
using GlobalMaxPooling3D = GlobalPooling<PoolingKind::max, 3>;

/// The mean, over one, two and three spatial axes; over one axis that of the times that count, where x has a mask (see
/// Mode::set_mask). (keras.layers.GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D.)
using GlobalAveragePooling1D = GlobalPooling<PoolingKind::average, 1>;
using GlobalAveragePooling2D = GlobalPooling<PoolingKind::average, 2>;
using GlobalAveragePooling3D = GlobalPooling<PoolingKind::average, 3>;

}  // namespace hekla
