// Shapes of batches of matrices.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/tensor.h"

namespace hekla {

/// Throws hekla::Error, which begins with [op], unless `a` is f32 [.., n, n].
void check_square(std::string_view op, const Tensor& a);

/// `shape` without its last two axes.
Shape leading_axes(const Shape& shape);
/// The same, broadcast for two tensors. Throws hekla::Error, which begins with [op], where they do not fit.
Shape common_leading_axes(std::string_view op, const Tensor& a, const Tensor& b);
/// `leading` followed by the axes of a matrix.
Shape with_matrix(const Shape& leading, std::int64_t rows, std::int64_t columns);

/// How many columns a loop over the blocks of a matrix takes at a time.
constexpr std::int64_t block_columns = 32;
/// How many blocks an axis of `size` has, the last of which may reach beyond it.
constexpr std::int64_t blocks_of(std::int64_t size) { return (size + block_columns - 1) / block_columns; }

/// Matrices [.., n, n] as those of whole blocks: a above the left of an identity matrix, and zeros beside both.
Tensor with_whole_blocks(const Tensor& a);
/// A tensor [blocks, .., rows, columns], as a loop stacks it, as the columns of matrices [.., rows, blocks * columns].
Tensor joined_columns(const Tensor& stacked);
/// The same as the rows of matrices [.., blocks * rows, columns].
Tensor joined_rows(const Tensor& stacked);
/// The first `rows` rows and `columns` columns.
Tensor corner(const Tensor& a, std::int64_t rows, std::int64_t columns);

}  // namespace hekla
