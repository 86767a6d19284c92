// Conversions between dtypes.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The elements as another dtype. Floats to integers truncate toward zero and end where the integers end:
/// what is too large or too small becomes the largest or the smallest, NaN 0. Integers to integers keep the
/// low bits. Anything to bool asks "not zero?". What goes to f16 or bf16, and an integer beyond 2^24 that
/// goes to f32, is rounded to the nearest number it holds, of two as near to the one with an even last bit;
/// beyond the largest (65504 of f16) lies infinity. Gradients pass between floats as if nothing were rounded,
/// and are f32 also where the operand is f16 or bf16.
Tensor cast(const Tensor& x, DType dtype);

extern const Op cast_op, to_f32_op, to_i32_op, to_u32_op, to_u8_op, narrow_op, to_f16_op, to_bf16_op;

}  // namespace hekla
