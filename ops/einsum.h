// Sums of products in Einstein's notation.
#pragma once

#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// np.einsum: the operands' axes are named by letters, axes of one name run together, and what the result
/// does not name is summed over.
///
///   einsum("ij,jk->ik", {a, b})       a matrix product
///   einsum("bhqd,bhkd->bhqk", {q, k}) scores of attention
///   einsum("ii", {a})                 trace; without "->" the names used once remain, in alphabetical order
///   einsum("...ij->...ji", {a})       "..." stands for any number of axes, which broadcast
///
/// f32, i32 or u32, all alike; axes of size 1 broadcast. Operands are contracted from left to right: two with
/// common summed axes as one batched matrix product (f32), others by multiplication and summation. Throws
/// hekla::Error naming the subscript: not well formed, as many terms as operands, as many names as axes,
/// equal sizes for equal names, an output of known names used once each.
Tensor einsum(std::string_view subscripts, const std::vector<Tensor>& operands);

}  // namespace hekla
