// Max pooling that says where its elements come from, and the way back. Tensors are channels last, [batch, spatial axes,
// channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"
#include "ops/nn/pooling.h"

namespace hekla {

/// The result of max_pool1d_with_indices and its kin.
struct MaxPooled {
  Tensor values;  ///< f32 [b, counts, c], the largest elements
  Tensor
      indices;  ///< i32 [b, counts, c], their positions in row-major order among the spatial axes of the input
};
/// max_pool1d with positions, as torch.nn.functional.max_pool1d with return_indices: of equal largest elements the first
/// one counts, and gets the gradient, at the cost of take_along_axis. Errors as max_pool1d.
MaxPooled max_pool1d_with_indices(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                                  const PoolOptions& options = {});
MaxPooled max_pool2d_with_indices(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                                  const PoolOptions& options = {});
MaxPooled max_pool3d_with_indices(const Tensor& x, const std::vector<std::int64_t>& pool_size = {2},
                                  const PoolOptions& options = {});

/// Options of max_unpool1d and its kin. Lists hold one number for each spatial axis, or a single one for all.
struct UnpoolOptions {
  std::vector<std::int64_t> strides = {};      ///< empty: the pool size
  std::vector<std::int64_t> output_size = {};  ///< of the spatial axes; empty: (count - 1) stride + pool size
};
/// Elements of x, f32 [b, counts, c], at their `indices` (i32, of the shape of x, as max_pool gives them) among zeros: f32
/// [b, output sizes, c], as torch.nn.functional.max_unpool1d. An index outside is ignored, and of equal ones the last in
/// row-major order stays. Throws hekla::Error on another rank, dtype or shape, and on numbers that are not positive.
Tensor max_unpool1d(const Tensor& x, const Tensor& indices, const std::vector<std::int64_t>& pool_size = {2},
                    const UnpoolOptions& options = {});
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, const std::vector<std::int64_t>& pool_size = {2},
                    const UnpoolOptions& options = {});
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, const std::vector<std::int64_t>& pool_size = {2},
                    const UnpoolOptions& options = {});

}  // namespace hekla
