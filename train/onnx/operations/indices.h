// Indices of several axes as positions in row-major order.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla::onnx {

/// Indices that may count from the end of an axis of `size`, counted from its start.
Tensor from_start(const Tensor& indices, std::int64_t size);

/// x with its first `axes` axes as one.
Tensor with_flat_axes(const Tensor& x, int axes);

/// For indices [batch.., .., k] of the k axes of x after its first `batch` axes, the positions [batch.., ..] among the
/// first batch + k axes as one.
Tensor flat_positions(const Tensor& x, const Tensor& indices, int batch);

/// For indices of elements along `axis`, of any size in all axes, the positions of these elements in x, i32 in the shape
/// of the indices.
Tensor element_positions(const Shape& shape, const Tensor& indices, int axis);

}  // namespace hekla::onnx
