// Elementwise operations and the operators; functions of one operand are in the headers included here.
// Operands broadcast as in NumPy; a C++ number takes the dtype of the tensor beside it; two tensors must have
// the same dtype (cast one otherwise).
#pragma once

#include "graph/tensor.h"
#include "ops/error_function.h"
#include "ops/exponential.h"
#include "ops/rounding.h"
#include "ops/trigonometry.h"

namespace hekla {

// Arithmetic on f32, i32 and u32. Integers wrap around; their division truncates toward zero.
Tensor add(const Tensor& a, const Tensor& b);       ///< a + b
Tensor subtract(const Tensor& a, const Tensor& b);  ///< a - b
Tensor multiply(const Tensor& a, const Tensor& b);  ///< a * b
Tensor divide(const Tensor& a, const Tensor& b);    ///< a / b
/// a - b * floor(a / b): the result has the sign of b, as Python's %. Its gradients are 1 and -floor(a / b).
Tensor modulo(const Tensor& a, const Tensor& b);
/// floor(a / b), as Python's //: rounded toward minus infinity for integers too; gradient 0.
Tensor floor_divide(const Tensor& a, const Tensor& b);
/// The larger; where equal, the gradient is split in halves.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller; where equal, the gradient is split in halves.
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

/// The elements as another dtype: floats to integers truncate toward zero, anything to bool asks "not zero?",
/// and what goes to f16 or bf16 is rounded to the nearest number it holds, of two as near to the one with an
/// even last bit; beyond the largest (65504 of f16) lies infinity. Gradients pass between floats as if
/// nothing were rounded, and are f32 also where the operand is f16 or bf16.
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
/// The same for f32 only.
Meta float_operands(const Node& node);

extern const Op negate_op, cast_op, narrow_op, to_f16_op, to_bf16_op, stop_gradient_op;
extern const Op add_op, subtract_op, multiply_op, divide_op, modulo_op, maximum_op, less_op, equal_op,
    where_op;

}  // namespace hekla
