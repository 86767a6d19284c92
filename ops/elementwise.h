// Elementwise operations and the operators; functions of one operand are in the headers included here.
// Operands broadcast as in NumPy. A C++ number takes the dtype of the tensor beside it; two tensors must have
// the same dtype (otherwise cast one).
#pragma once

#include "graph/tensor.h"
#include "ops/bitwise.h"
#include "ops/cast.h"
#include "ops/division.h"
#include "ops/error_function.h"
#include "ops/exponential.h"
#include "ops/finite.h"
#include "ops/gamma.h"
#include "ops/logarithm.h"
#include "ops/rounding.h"
#include "ops/trigonometry.h"

namespace hekla {

// Arithmetic on f32, i32 and u32. Integers wrap around; their division truncates toward zero, and by 0 it
// gives 0, as NumPy's does.
Tensor add(const Tensor& a, const Tensor& b);       ///< a + b
Tensor subtract(const Tensor& a, const Tensor& b);  ///< a - b
Tensor multiply(const Tensor& a, const Tensor& b);  ///< a * b
Tensor divide(const Tensor& a, const Tensor& b);    ///< a / b
/// The larger, or NaN where either is NaN (torch.maximum); where both are equal, each gets half of the
/// gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller, or NaN where either is NaN (torch.minimum); where both are equal, each gets half of the
/// gradient.
Tensor minimum(const Tensor& a, const Tensor& b);
/// The larger, ignoring a NaN beside a number, as torch.fmax and IEEE 754-2008's maxNum; f32. The gradient goes to what was
/// taken.
Tensor fmax(const Tensor& a, const Tensor& b);
/// The smaller, as fmax (torch.fmin).
Tensor fmin(const Tensor& a, const Tensor& b);
Tensor negate(const Tensor& x);  ///< -x; f32 or i32

// Comparisons and logic, giving bool.
Tensor less(const Tensor& a, const Tensor& b);           ///< a < b
Tensor less_equal(const Tensor& a, const Tensor& b);     ///< a <= b
Tensor greater(const Tensor& a, const Tensor& b);        ///< a > b
Tensor greater_equal(const Tensor& a, const Tensor& b);  ///< a >= b
Tensor equal(const Tensor& a, const Tensor& b);          ///< a == b
Tensor not_equal(const Tensor& a, const Tensor& b);      ///< a != b
Tensor logical_not(const Tensor& x);                     ///< true where x (bool) is false
Tensor logical_and(const Tensor& a, const Tensor& b);    ///< true where both are true; bool
Tensor logical_or(const Tensor& a, const Tensor& b);     ///< true where at least one is true; bool
Tensor logical_xor(const Tensor& a, const Tensor& b);    ///< true where exactly one is true; bool

/// a where `condition` (bool) holds, b elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// x as a constant: no gradient flows through it.
Tensor stop_gradient(const Tensor& x);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return divide(a, b); }
inline Tensor operator%(const Tensor& a, const Tensor& b) { return modulo(a, b); }
inline Tensor operator-(const Tensor& x) { return negate(x); }
/// x += y makes the handle x one of x + y; other handles of what it was keep it. A variable gets a new value by assign()
/// or an update.
inline Tensor& operator+=(Tensor& x, const Tensor& y) { return x = x + y; }
inline Tensor& operator-=(Tensor& x, const Tensor& y) { return x = x - y; }
inline Tensor& operator*=(Tensor& x, const Tensor& y) { return x = x * y; }
inline Tensor& operator/=(Tensor& x, const Tensor& y) { return x = x / y; }
inline Tensor& operator%=(Tensor& x, const Tensor& y) { return x = x % y; }
inline Tensor operator<(const Tensor& a, const Tensor& b) { return less(a, b); }
inline Tensor operator>(const Tensor& a, const Tensor& b) { return greater(a, b); }
inline Tensor operator<=(const Tensor& a, const Tensor& b) { return less_equal(a, b); }
inline Tensor operator>=(const Tensor& a, const Tensor& b) { return greater_equal(a, b); }
inline Tensor operator==(const Tensor& a, const Tensor& b) { return equal(a, b); }
inline Tensor operator!=(const Tensor& a, const Tensor& b) { return not_equal(a, b); }
inline Tensor operator&&(const Tensor& a, const Tensor& b) { return logical_and(a, b); }
inline Tensor operator||(const Tensor& a, const Tensor& b) { return logical_or(a, b); }
inline Tensor operator!(const Tensor& x) { return logical_not(x); }

/// A function that reverses the order of numbers and is its own inverse: -x for f32, -1 - x for integers,
/// which unlike -x is defined for all of them.
Tensor reverse_order(const Tensor& x);

/// Makes the operands of an elementwise operation alike: numbers take the tensors' dtype, and shapes are
/// broadcast. For the functions of elementwise operations, built-in or custom.
std::vector<Tensor> broadcast_operands(std::string_view op, std::vector<Tensor> operands);

/// Shape rules for elementwise descriptors, whose operands have one shape: the result has the shape and dtype
/// of the operands.
Meta same_as_operands(const Node& node);
/// The same for f32, i32 and u32 only.
Meta number_operands(const Node& node);
/// The same for f32 only.
Meta float_operands(const Node& node);

extern const Op negate_op, stop_gradient_op;
extern const Op add_op, subtract_op, multiply_op, divide_op, maximum_op, less_op, equal_op, where_op;

}  // namespace hekla
