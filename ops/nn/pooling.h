// Pooling over spatial axes. Tensors are channels last, [batch, spatial axes, channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"
#include "ops/nn/spatial.h"
#include "ops/reduce.h"

namespace hekla {

/// Lists hold one number for each spatial axis, or a single one for all.
struct PoolOptions {
  std::vector<std::int64_t> strides = {};  ///< empty: the pool size
  PaddingMode padding = PaddingMode::valid;
};

/// The largest element of each window, per channel: f32 [b, spatial, c] to [b, counts, c] (see PaddingMode
/// for the counts). Padding is never the largest; equal largest elements share the gradient equally. Throws
/// hekla::Error on another rank or dtype, on sizes or strides that are not positive, and on windows that do
/// not fit. (keras.ops.max_pool.)
Tensor max_pool1d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});
Tensor max_pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});
Tensor max_pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});

/// The mean of each window over its elements inside x: padding is not counted. Shapes and errors as
/// max_pool2d. (keras.ops.average_pool.)
Tensor average_pool1d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});
Tensor average_pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});
Tensor average_pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});

/// (sum of x^p over each window)^(1 / p), where padding is 0; the gradient is 0 where that sum is 0, and NaN
/// comes of the root of a negative sum. Shapes and errors as max_pool2d, and p must be positive and finite.
/// (torch.nn.functional.lp_pool1d and lp_pool2d.)
Tensor lp_pool1d(const Tensor& x, double p, const std::vector<std::int64_t>& pool_size = {2},
                 const PoolOptions& options = {});
Tensor lp_pool2d(const Tensor& x, double p, const std::vector<std::int64_t>& pool_size = {2},
                 const PoolOptions& options = {});

/// Over all spatial axes, however many: f32 [b, spatial, c] to [b, c], or with the spatial axes kept at size
/// 1. Throws hekla::Error below rank 3 or where a spatial axis has no elements.
/// (keras.layers.GlobalMaxPooling2D, GlobalAveragePooling2D and the 1D and 3D ones.)
Tensor global_max_pool(const Tensor& x, KeepDims keep = KeepDims::no);
Tensor global_average_pool(const Tensor& x, KeepDims keep = KeepDims::no);

}  // namespace hekla
