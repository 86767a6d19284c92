// Pooling over spatial axes. Tensors are channels last, [batch, spatial axes, channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"
#include "ops/nn/spatial.h"
#include "ops/reduce.h"

namespace hekla {

/// Lists hold a number for each spatial axis, or one for all.
struct PoolOptions {
  std::vector<std::int64_t> strides = {};  ///< empty: the pool size
  PaddingMode padding = PaddingMode::valid;
};

/// The largest element of each window, channel by channel: f32 [b, spatial, c] to [b, counts, c] (see
/// PaddingMode for the counts). Borders never win; where several are largest they share the gradient equally.
/// Throws hekla::Error on another rank or dtype, sizes or strides that are not positive, windows that do not
/// fit. (keras.ops.max_pool.)
Tensor max_pool1d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});
Tensor max_pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});
Tensor max_pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                  const PoolOptions& options = {});

/// The mean of each window over those of its elements that are inside x: borders are not counted. Shapes and
/// errors as max_pool2d. (keras.ops.average_pool.)
Tensor average_pool1d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});
Tensor average_pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});
Tensor average_pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                      const PoolOptions& options = {});

/// Over all spatial axes, however many: f32 [b, spatial, c] to [b, c], or with size 1 where they were. Throws
/// hekla::Error below rank 3 or where a spatial axis has no elements. (keras.layers.GlobalMaxPooling2D,
/// GlobalAveragePooling2D and their kin.)
Tensor global_max_pool(const Tensor& x, KeepDims keep = KeepDims::no);
Tensor global_average_pool(const Tensor& x, KeepDims keep = KeepDims::no);

}  // namespace hekla
