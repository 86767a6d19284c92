// Elementwise operations and the operators. Operands broadcast as in NumPy; a C++ number takes the dtype of
// the tensor beside it; two tensors must have the same dtype (cast one otherwise).
#pragma once

#include "graph/tensor.h"

namespace hekla {

// Arithmetic on f32, i32 and u32. Integers wrap around; their division truncates toward zero.
Tensor add(const Tensor& a, const Tensor& b);       ///< a + b
Tensor subtract(const Tensor& a, const Tensor& b);  ///< a - b
Tensor multiply(const Tensor& a, const Tensor& b);  ///< a * b
Tensor divide(const Tensor& a, const Tensor& b);    ///< a / b
/// a - b * floor(a / b): the result has the sign of b, as Python's %. Not differentiable.
Tensor modulo(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a,
               const Tensor& b);  ///< the larger; where equal, the gradient is split in halves
Tensor minimum(const Tensor& a,
               const Tensor& b);  ///< the smaller; where equal, the gradient is split in halves
Tensor negate(const Tensor& x);   ///< -x; f32 or i32

// Functions of f32.
Tensor sqrt(const Tensor& x);     ///< square root; NaN below 0
Tensor exp(const Tensor& x);      ///< e^x
Tensor log(const Tensor& x);      ///< natural logarithm; -inf at 0, NaN below
Tensor sin(const Tensor& x);      ///< sine of x radians
Tensor cos(const Tensor& x);      ///< cosine of x radians
Tensor floor(const Tensor& x);    ///< largest integer not above x; not differentiable
Tensor tanh(const Tensor& x);     ///< hyperbolic tangent; exact at the extremes
Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + e^-x)
Tensor square(const Tensor& x);   ///< x * x
Tensor abs(const Tensor& x);      ///< |x|; gradient 0 at 0
/// x^exponent. A whole exponent multiplies, so it takes negative x; any other is e^(exponent * log x), NaN
/// for x < 0.
Tensor pow(const Tensor& x, const Tensor& exponent);

// Comparisons and logic, giving bool.
Tensor less(const Tensor& a, const Tensor& b);           ///< a < b
Tensor less_equal(const Tensor& a, const Tensor& b);     ///< a <= b
Tensor greater(const Tensor& a, const Tensor& b);        ///< a > b
Tensor greater_equal(const Tensor& a, const Tensor& b);  ///< a >= b
Tensor equal(const Tensor& a, const Tensor& b);          ///< a == b
Tensor not_equal(const Tensor& a, const Tensor& b);      ///< a != b
Tensor logical_not(const Tensor& x);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);

/// a where `condition` (bool) holds, b elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// The elements as another dtype: f32 to integers truncates toward zero, anything to bool asks "not zero?".
Tensor cast(const Tensor& x, DType dtype);

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

extern const Op negate_op, sqrt_op, exp_op, log_op, sin_op, floor_op, tanh_op, sigmoid_op, cast_op, narrow_op,
    stop_gradient_op;
extern const Op add_op, subtract_op, multiply_op, divide_op, modulo_op, maximum_op, less_op, equal_op,
    where_op;

}  // namespace hekla
