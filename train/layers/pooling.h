// Pooling over spatial axes. Tensors are channels last, [batch, spatial axes, channels]; bytes and integers
// are taken as f32.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

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

/// The largest element or the mean of each window, channel by channel: [batch, spatial, channels] to [batch,
/// counts, channels] (see hk::max_pool2d, hk::average_pool2d and hk::PaddingMode for the counts). Throws
/// hekla::Error at a call when x has another rank or the window does not fit. (keras.layers.MaxPooling1D,
/// MaxPooling2D, MaxPooling3D, AveragePooling1D, AveragePooling2D, AveragePooling3D.)
class Pooling {
 public:
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 protected:
  using Function = Tensor (*)(const Tensor&, const std::vector<std::int64_t>&, const PoolOptions&);
  /// Throws hekla::Error unless sizes and strides are positive and lists have a number for each spatial axis
  /// or one for all.
  Pooling(std::string type, int axes, Function function, AxisSizes pool_size, PoolLayerOptions options);

 private:
  int axes_;
  Function function_;
  AxisSizes pool_size_;
  PoolLayerOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one spatial axis. (keras.layers.MaxPooling1D.)
class MaxPooling1D : public Pooling {
 public:
  explicit MaxPooling1D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("MaxPooling1D", 1, max_pool1d, std::move(pool_size), std::move(options)) {}
};

/// Over two spatial axes. (keras.layers.MaxPooling2D.)
class MaxPooling2D : public Pooling {
 public:
  explicit MaxPooling2D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("MaxPooling2D", 2, max_pool2d, std::move(pool_size), std::move(options)) {}
};

/// Over three spatial axes. (keras.layers.MaxPooling3D.)
class MaxPooling3D : public Pooling {
 public:
  explicit MaxPooling3D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("MaxPooling3D", 3, max_pool3d, std::move(pool_size), std::move(options)) {}
};

/// Over one spatial axis. (keras.layers.AveragePooling1D.)
class AveragePooling1D : public Pooling {
 public:
  explicit AveragePooling1D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("AveragePooling1D", 1, average_pool1d, std::move(pool_size), std::move(options)) {}
};

/// Over two spatial axes. (keras.layers.AveragePooling2D.)
class AveragePooling2D : public Pooling {
 public:
  explicit AveragePooling2D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("AveragePooling2D", 2, average_pool2d, std::move(pool_size), std::move(options)) {}
};

/// Over three spatial axes. (keras.layers.AveragePooling3D.)
class AveragePooling3D : public Pooling {
 public:
  explicit AveragePooling3D(AxisSizes pool_size = 2, PoolLayerOptions options = {})
      : Pooling("AveragePooling3D", 3, average_pool3d, std::move(pool_size), std::move(options)) {}
};

/// What the layers of global pooling take, with Keras's names and defaults.
struct GlobalPoolingOptions {
  std::string name = {};
  bool keepdims = false;  ///< the spatial axes stay, with one element each
};

/// The largest element or the mean of each channel: [batch, spatial, channels] to [batch, channels]. Throws
/// hekla::Error at a call when x has another rank or an empty spatial axis.
/// (keras.layers.GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D, GlobalAveragePooling1D,
/// GlobalAveragePooling2D, GlobalAveragePooling3D.)
class GlobalPooling {
 public:
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 protected:
  using Function = Tensor (*)(const Tensor&, KeepDims);
  GlobalPooling(std::string type, int axes, Function function, const GlobalPoolingOptions& options);

 private:
  int axes_;
  Function function_;
  KeepDims keep_;
  std::shared_ptr<LayerState> state_;
};

/// Over one spatial axis. (keras.layers.GlobalMaxPooling1D.)
class GlobalMaxPooling1D : public GlobalPooling {
 public:
  explicit GlobalMaxPooling1D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalMaxPooling1D", 1, global_max_pool, options) {}
};

/// Over two spatial axes. (keras.layers.GlobalMaxPooling2D.)
class GlobalMaxPooling2D : public GlobalPooling {
 public:
  explicit GlobalMaxPooling2D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalMaxPooling2D", 2, global_max_pool, options) {}
};

/// Over three spatial axes. (keras.layers.GlobalMaxPooling3D.)
class GlobalMaxPooling3D : public GlobalPooling {
 public:
  explicit GlobalMaxPooling3D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalMaxPooling3D", 3, global_max_pool, options) {}
};

/// Over one spatial axis. (keras.layers.GlobalAveragePooling1D.)
class GlobalAveragePooling1D : public GlobalPooling {
 public:
  explicit GlobalAveragePooling1D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalAveragePooling1D", 1, global_average_pool, options) {}
};

/// Over two spatial axes. (keras.layers.GlobalAveragePooling2D.)
class GlobalAveragePooling2D : public GlobalPooling {
 public:
  explicit GlobalAveragePooling2D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalAveragePooling2D", 2, global_average_pool, options) {}
};

/// Over three spatial axes. (keras.layers.GlobalAveragePooling3D.)
class GlobalAveragePooling3D : public GlobalPooling {
 public:
  explicit GlobalAveragePooling3D(const GlobalPoolingOptions& options = {})
      : GlobalPooling("GlobalAveragePooling3D", 3, global_average_pool, options) {}
};

}  // namespace hekla
