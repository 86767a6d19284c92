// Sums of products in Einstein's notation.
#pragma once

#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// np.einsum: letters name the operands' axes, axes of the same name share an index, and names missing from
/// the result are summed over.
///
///   einsum("ij,jk->ik", {a, b})       a matrix product
///   einsum("bhqd,bhkd->bhqk", {q, k}) scores of attention
///   einsum("ii", {a})                 trace; without "->" the names used once remain, in alphabetical order
///   einsum("...ij->...ji", {a})       "..." stands for any number of axes, which broadcast
///
/// f32, i32 or u32, the same for all operands; axes of size 1 broadcast. Operands are contracted from left to
/// right: two with common summed axes as one batched matrix product (f32), others by multiplication and
/// summation. Throws hekla::Error, naming the subscript, unless the subscripts are well formed. They need as
/// many terms as there are operands and as many names as axes. Equal names need equal sizes, and the output
/// uses known names once each.
Tensor einsum(std::string_view subscripts, const std::vector<Tensor>& operands);

}  // namespace hekla
