// Conversions between dtypes.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Converts the elements to another dtype. Floats to integers truncate toward zero and saturate: numbers out
/// of range become the largest or the smallest integer, NaN becomes 0. Integers to integers keep the low
/// bits. A bool is true where the element is not zero. Casts to f16 or bf16, and of integers beyond 2^24 to
/// f32, round to nearest, ties to even; beyond the largest number (65504 of f16) the result is infinite.
/// Gradients pass between floats as if nothing were rounded; they are f32 even where the operand is f16 or
/// bf16.
Tensor cast(const Tensor& x, DType dtype);

extern const Op cast_op, to_f32_op, to_i32_op, to_u32_op, to_u8_op, narrow_op, to_f16_op, to_bf16_op;

}  // namespace hekla
