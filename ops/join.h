// Concatenating, stacking, splitting, tiling and repeating. All of them are views and choices between views.
#pragma once

#include <initializer_list>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Tensors joined along an existing axis, as np.concatenate; any dtype.
/// Throws hekla::Error where they differ in dtype or in another axis.
Tensor concat(const std::vector<Tensor>& tensors, int axis);

/// Tensors of one shape and dtype joined along a new axis, as np.stack: k tensors [a, b] with axis 1 give
/// [a, k, b]. Throws hekla::Error where they differ in shape or dtype.
Tensor stack(const std::vector<Tensor>& tensors, int axis = 0);

/// x divided along `axis` into `parts` equal parts, as np.split. Throws hekla::Error when the axis is no
/// multiple of `parts`.
std::vector<Tensor> split(const Tensor& x, std::int64_t parts, int axis = 0);
/// x divided along `axis` into parts of the given sizes, as torch.split. Throws hekla::Error when the sizes
/// do not add up to the axis.
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& sizes, int axis = 0);
std::vector<Tensor> split(const Tensor& x, std::initializer_list<std::int64_t> sizes, int axis = 0);

/// x repeated as a whole, repetitions[i] times along axis i, as np.tile. The shorter of shape and repetitions
/// is padded with leading ones. tile([1, 2], {2}) is [1, 2, 1, 2].
Tensor tile(const Tensor& x, const std::vector<std::int64_t>& repetitions);

/// Each element repeated `repeats` times along `axis`, as np.repeat: repeat([1, 2], 2) is [1, 1, 2, 2].
Tensor repeat(const Tensor& x, std::int64_t repeats, int axis);
/// The same for all elements in row-major order; the result has rank 1.
Tensor repeat(const Tensor& x, std::int64_t repeats);

}  // namespace hekla
