// Elementwise operations and the operators; functions of one operand are in the headers included here.
// Operands broadcast as in NumPy; a C++ number takes the dtype of the tensor beside it; two tensors must have
// the same dtype (cast one otherwise).
#pragma once

#include "graph/tensor.h"
#include "ops/cast.h"
#include "ops/division.h"
#include "ops/error_function.h"
#include "ops/exponential.h"
#include "ops/rounding.h"
#include "ops/trigonometry.h"

namespace hekla {

// Arithmetic on f32, i32 and u32. Integers wrap around; their division truncates toward zero, and by 0 it
// gives 0, as NumPy's does.
Tensor add(const Tensor& a, const Tensor& b);       ///< a + b
Tensor subtract(const Tensor& a, const Tensor& b);  ///< a - b
Tensor multiply(const Tensor& a, const Tensor& b);  ///< a * b
Tensor divide(const Tensor& a, const Tensor& b);    ///< a / b
/// The larger, or NaN where either is (torch.maximum); where equal, the gradient is split in halves.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller, or NaN where either is (torch.minimum); where equal, the gradient is split in halves.
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor negate(const Tensor& x);  ///< -x; f32 or i32

// Comparisons and logic, giving bool.
Tensor less(const Tensor& a, const Tensor& b);           ///< a < b
Tensor less_equal(const Tensor& a, const Tensor& b);     ///< a <= b
Tensor greater(const Tensor& a, const Tensor& b);        ///< a > b
Tensor greater_equal(const Tensor& a, const Tensor& b);  ///< a >= b
Tensor equal(const Tensor& a, const Tensor& b);          ///< a == b
Tensor not_equal(const Tensor& a, const Tensor& b);      ///< a != b
Tensor logical_not(const Tensor& x);                     ///< true where x (bool) is false
Tensor logical_and(const Tensor& a, const Tensor& b);    ///< true where both are; bool
Tensor logical_or(const Tensor& a, const Tensor& b);     ///< true where one is or both are; bool
Tensor logical_xor(const Tensor& a, const Tensor& b);    ///< true where just one is; bool

/// a where `condition` (bool) holds, b elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// x, through which no gradient flows.
Tensor stop_gradient(const Tensor& x);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return divide(a, b); }
inline Tensor operator%(const Tensor& a, const Tensor& b) { return modulo(a, b); }
inline Tensor operator-(const Tensor& x) { return negate(x); }
inline Tensor operator<(const Tensor& a, const Tensor& b) { return less(a, b); }
inline Tensor operator>(const Tensor& a, const Tensor& b) { return greater(a, b); }
inline Tensor operator<=(const Tensor& a, const Tensor& b) { return less_equal(a, b); }
inline Tensor operator>=(const Tensor& a, const Tensor& b) { return greater_equal(a, b); }
inline Tensor operator==(const Tensor& a, const Tensor& b) { return equal(a, b); }
inline Tensor operator!=(const Tensor& a, const Tensor& b) { return not_equal(a, b); }
inline Tensor operator&&(const Tensor& a, const Tensor& b) { return logical_and(a, b); }
inline Tensor operator||(const Tensor& a, const Tensor& b) { return logical_or(a, b); }
inline Tensor operator!(const Tensor& x) { return logical_not(x); }

/// A function that turns the order of numbers around and is its own inverse: -x of f32, -1 - x of integers,
/// which unlike -x serves all of them.
Tensor reverse_order(const Tensor& x);

/// The operands of an elementwise operation made alike: numbers take the tensors' dtype, shapes are
/// broadcast. For the functions of elementwise operations, built-in or your own.
std::vector<Tensor> broadcast_operands(std::string_view op, std::vector<Tensor> operands);

/// Shape rules for elementwise descriptors, which want operands of one shape: the result is like the
/// operands.
Meta same_as_operands(const Node& node);
/// The same for f32, i32 and u32 only.
Meta number_operands(const Node& node);
/// The same for f32 only.
Meta float_operands(const Node& node);

extern const Op negate_op, stop_gradient_op;
extern const Op add_op, subtract_op, multiply_op, divide_op, maximum_op, less_op, equal_op, where_op;

}  // namespace hekla
