// Reductions. An empty list of axes means all axes. Folded axes disappear unless keep_dims asks for size 1.
#pragma once

#include <vector>

#include "graph/tensor.h"

namespace hekla {

enum class KeepDims { no, yes };

/// Sum over axes; f32, i32 or u32 (which wrap around). The order is fixed: one device gives the same bits
/// every time. Long sums are added up in parts, so that in f32 one of ones goes on beyond 2^24.
Tensor sum(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// Largest element over axes, or a NaN; f32, i32 or u32; ties share the gradient. Axes must not be empty.
Tensor max(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// Smallest element over axes; as max.
Tensor min(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// Arithmetic mean over axes; f32.
Tensor mean(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// Product over axes; f32, i32 or u32 (which wraps around); 1 over none. Made of halvings, so that gradients
/// of every order are right where elements are 0.
Tensor prod(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// True where an element over axes is not zero; any dtype to bool; false over none.
Tensor any(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);
/// True where all elements over axes are not zero; any dtype to bool; true over none.
Tensor all(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);

/// Position (i32) of the first NaN along `axis`, or else of the first largest. The axis must not be empty.
Tensor argmax(const Tensor& x, int axis = -1, KeepDims keep = KeepDims::no);
/// Position (i32) of the first NaN along `axis`, or else of the first smallest. The axis must not be empty.
Tensor argmin(const Tensor& x, int axis = -1, KeepDims keep = KeepDims::no);

extern const Op sum_op, max_op;

}  // namespace hekla
