// Pooling into a given number of bins. Tensors are channels last, [batch, spatial axes, channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The mean of each bin, per channel: f32 [b, spatial, c] to [b, output_size, c], where output_size is one
/// number for each spatial axis or a single one for all. Bin i of m bins over n elements holds those from
/// floor(i n / m) to below ceil((i + 1) n / m); where m does not divide n, some neighbours share elements.
/// Throws hekla::Error on another rank or dtype, on a spatial axis without elements, and on sizes that are
/// not positive. (torch.nn.functional.adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d.)
Tensor adaptive_average_pool1d(const Tensor& x, const std::vector<std::int64_t>& output_size);
Tensor adaptive_average_pool2d(const Tensor& x, const std::vector<std::int64_t>& output_size);
Tensor adaptive_average_pool3d(const Tensor& x, const std::vector<std::int64_t>& output_size);

/// The largest element of each of these bins; equal ones share the gradient equally. Errors as
/// adaptive_average_pool2d. (torch.nn.functional.adaptive_max_pool1d, adaptive_max_pool2d,
/// adaptive_max_pool3d.)
Tensor adaptive_max_pool1d(const Tensor& x, const std::vector<std::int64_t>& output_size);
Tensor adaptive_max_pool2d(const Tensor& x, const std::vector<std::int64_t>& output_size);
Tensor adaptive_max_pool3d(const Tensor& x, const std::vector<std::int64_t>& output_size);

}  // namespace hekla
