// Reductions. An empty list of axes means all axes. Reduced axes are removed, or kept with size 1 by
// KeepDims::yes.
#pragma once

#include <vector>

#include "graph/tensor.h"
#include "ops/axes.h"

namespace hekla {

enum class KeepDims { no, yes };

/// Sum over axes; f32, i32 or u32 (which wrap around). The order is fixed: one device gives the same bits
/// every time. Long sums are computed in parts, so that an f32 sum of ones is right beyond 2^24.
Tensor sum(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Largest element over axes, NaN where one is NaN; f32, i32 or u32. Equal largest elements share the
/// gradient. Axes must not be empty.
Tensor max(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Smallest element over axes; as max.
Tensor min(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Arithmetic mean over axes; f32.
Tensor mean(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Product over axes; f32, i32 or u32 (which wraps around); 1 for no elements. Computed by repeated halving,
/// so that gradients of every order are right where elements are 0.
Tensor prod(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// True where any element over axes is not zero; any dtype to bool; false for no elements.
Tensor any(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// True where all elements over axes are not zero; any dtype to bool; true for no elements.
Tensor all(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

/// Position (i32) of the first NaN along `axis`, or else of the first largest element. The axis must not be
/// empty.
Tensor argmax(const Tensor& x, int axis = -1, KeepDims keep = KeepDims::no);
/// Position (i32) of the first NaN along `axis`, or else of the first smallest element. The axis must not be
/// empty.
Tensor argmin(const Tensor& x, int axis = -1, KeepDims keep = KeepDims::no);

extern const Op sum_op, max_op;

}  // namespace hekla
