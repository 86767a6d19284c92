// Operations on the bits of integers. All take i32 and u32, and broadcast. The logical ones take bool, too, as NumPy's.
#pragma once

#include "graph/tensor.h"

namespace hekla {

Tensor bitwise_and(const Tensor& a, const Tensor& b);  ///< a & b; of bool logical_and
Tensor bitwise_or(const Tensor& a, const Tensor& b);   ///< a | b; of bool logical_or
Tensor bitwise_xor(const Tensor& a, const Tensor& b);  ///< a ^ b; of bool logical_xor
Tensor bitwise_not(const Tensor& x);                   ///< ~x; of bool logical_not
/// The bits of x moved by `count` places to the left, with zeros behind them. 0 where the count is outside [0, 31], as
/// in NumPy and PyTorch.
Tensor left_shift(const Tensor& x, const Tensor& count);
/// The bits of x moved by `count` places to the right, with copies of the sign before those of i32 and zeros before
/// those of u32. A count outside [0, 31] moves out all bits, as in NumPy and PyTorch: -1 is left of negative numbers
/// and 0 of others.
Tensor right_shift(const Tensor& x, const Tensor& count);

inline Tensor operator&(const Tensor& a, const Tensor& b) { return bitwise_and(a, b); }
inline Tensor operator|(const Tensor& a, const Tensor& b) { return bitwise_or(a, b); }
inline Tensor operator^(const Tensor& a, const Tensor& b) { return bitwise_xor(a, b); }
inline Tensor operator~(const Tensor& x) { return bitwise_not(x); }
inline Tensor operator<<(const Tensor& x, const Tensor& count) { return left_shift(x, count); }
inline Tensor operator>>(const Tensor& x, const Tensor& count) { return right_shift(x, count); }

extern const Op bitwise_and_op, bitwise_or_op, bitwise_xor_op, left_shift_op, right_shift_op;

}  // namespace hekla
