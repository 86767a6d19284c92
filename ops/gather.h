// Picking elements by computed indices. Device code cannot throw, so an index outside [0, size) is clamped to
// the nearest valid index, as np.take does with mode="clip". Every gradient is accumulated in a fixed order,
// without atomics.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Elements of x (any dtype) picked along `axis`: the axes of `indices` (i32 or u32) replace the axis. The
/// gradient is scatter_add, at its cost. Throws hekla::Error when the axis has no elements.
Tensor gather(const Tensor& x, const Tensor& indices, int axis = 0);

/// gather under NumPy's name.
Tensor take(const Tensor& x, const Tensor& indices, int axis);
/// np.take without an axis: elements of x in row-major order, in the shape of `indices`.
Tensor take(const Tensor& x, const Tensor& indices);

/// Elements of x (any dtype) picked along `axis`, each row by its own indices, as np.take_along_axis: for
/// axis 1, y[i, j, k] = x[i, indices[i, j, k], k]. `indices` (i32 or u32) has the rank of x; in the other
/// axes the two broadcast. The gradient compares each of the axis's n positions with each of its m indices:
/// O(n m) per row. Throws hekla::Error when the ranks differ or the axis has no elements.
Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis);

/// One-hot rows, as keras.ops.one_hot: integers [a, b] become f32 [a, b, depth], with the new axis at `axis`.
/// An element is 1 where its position along the new axis equals the index, else 0. An index outside [0,
/// depth) gives zeros. Throws hekla::Error when depth is negative or the indices are not integers.
Tensor one_hot(const Tensor& indices, std::int64_t depth, int axis = -1);

extern const Op gather_op, take_along_axis_op;

}  // namespace hekla
