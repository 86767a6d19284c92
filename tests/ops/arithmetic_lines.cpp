// check_op lines: elementwise functions of several operands, broadcast against each other.
#include "ops/close.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}
Operand integers(const Shape& shape, double low = -9, double high = 9) { return {shape, low, high, i32}; }
Operand words(const Shape& shape, double low = 0, double high = 4294967295.0) {
  return {shape, low, high, u32};
}

Tensor sum_of(const Tensors& x) { return x[0] + x[1]; }
Tensor difference(const Tensors& x) { return x[0] - x[1]; }
Tensor product(const Tensors& x) { return x[0] * x[1]; }
Tensor quotient(const Tensors& x) { return x[0] / x[1]; }
Tensor rest(const Tensors& x) { return x[0] % x[1]; }
Tensor truncated_rest(const Tensors& x) { return fmod(x[0], x[1]); }
Tensor whole_quotient(const Tensors& x) { return floor_divide(x[0], x[1]); }
Tensor power(const Tensors& x) { return pow(x[0], x[1]); }
Tensor limited(const Tensors& x) { return clip(x[0], x[1], x[2]); }
Tensor larger(const Tensors& x) { return maximum(x[0], x[1]); }
Tensor smaller(const Tensors& x) { return minimum(x[0], x[1]); }

}  // namespace

std::vector<Line> arithmetic_lines() {
  return {
      {"add", sum_of, {numbers({3, 4}), numbers({3, 4})}},
      {"add broadcasting both", sum_of, {numbers({2, 1, 4}), numbers({3, 1})}},
      {"add rank 0", sum_of, {numbers({}), numbers({3})}},
      {"add rank 0 to rank 0", sum_of, {numbers({}), numbers({})}},
      {"add no elements", sum_of, {numbers({0, 3}), numbers({1, 3})}},
      {"add to itself", [](const Tensors& x) { return x[0] + x[0]; }, {numbers({5})}},
      {"add a number", [](const Tensors& x) { return 1.5 + x[0] + 2; }, {numbers({5})}},
      {"add i32", sum_of, {integers({2, 3}), integers({3})}, no_derivatives},
      {"add i32 wrapping",
       sum_of,
       {integers({9}, 2e9, 2147483647), integers({9}, 2e9, 2147483647)},
       no_derivatives},
      {"add u32 wrapping", sum_of, {words({9}), words({9})}, no_derivatives},
      {"subtract", difference, {numbers({3, 4}), numbers({4})}},
      {"subtract from itself", [](const Tensors& x) { return x[0] - x[0]; }, {numbers({5})}},
      {"subtract u32 wrapping", difference, {words({9}), words({9})}, no_derivatives},
      {"multiply", product, {numbers({3, 4}), numbers({3, 4})}},
      {"multiply broadcasting", product, {numbers({3, 1}), numbers({2, 1, 4})}},
      {"multiply by 0", product, {numbers({6}, -1, 1), numbers({6}, -1, 1)}, ties},
      {"multiply i32 wrapping",
       product,
       {integers({9}, -2e9, 2e9), integers({9}, -2e9, 2e9)},
       no_derivatives},
      {"multiply u32 wrapping", product, {words({9}), words({9})}, no_derivatives},
      {"divide", quotient, {numbers({3, 4}), numbers({3, 4}, 0.5, 2)}},
      {"divide broadcasting", quotient, {numbers({4}), numbers({3, 1}, -2, -0.5)}},
      {"divide_integers i32", quotient, {integers({12}, -100, 100), integers({12}, 1, 9)}, no_derivatives},
      {"divide_integers i32 by negatives",
       quotient,
       {integers({12}, -100, 100), integers({12}, -9, -1)},
       no_derivatives},
      {"divide_integers u32", quotient, {words({12}), words({12}, 1, 1000)}, no_derivatives},
      {"modulo", rest, {numbers({12}, -9, 9), numbers({12}, 1, 3)}},
      {"modulo negative", rest, {numbers({12}, -9, 9), numbers({12}, -3, -1)}},
      {"modulo broadcasting", rest, {numbers({3, 1}, -9, 9), numbers({4}, 1, 3)}},
      {"modulo_integers i32", rest, {integers({20}, -30, 30), integers({20}, 1, 7)}, no_derivatives},
      {"modulo_integers i32 negative",
       rest,
       {integers({20}, -30, 30), integers({20}, -7, -1)},
       no_derivatives},
      {"modulo_integers u32", rest, {words({12}), words({12}, 1, 1000)}, no_derivatives},
      {"fmod", truncated_rest, {numbers({12}, -9, 9), numbers({12}, -3, -1)}},
      {"fmod_integers i32", truncated_rest, {integers({20}, -30, 30), integers({20}, -7, 7)}, no_derivatives},
      {"fmod_integers u32", truncated_rest, {words({12}), words({12}, 1, 1000)}, no_derivatives},
      {"remainder",
       [](const Tensors& x) { return remainder(x[0], x[1]); },
       {numbers({5}, -9, 9), numbers({}, 1, 3)}},
      {"atan2", [](const Tensors& x) { return atan2(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"hypot", [](const Tensors& x) { return hypot(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"bitwise_and",
       [](const Tensors& x) { return x[0] & x[1]; },
       {words({3, 1}), words({4})},
       no_derivatives},
      {"bitwise_or", [](const Tensors& x) { return x[0] | x[1]; }, {words({9}), words({9})}, no_derivatives},
      {"bitwise_xor",
       [](const Tensors& x) { return x[0] ^ x[1]; },
       {integers({9}, -2e9, 2e9), integers({9})},
       no_derivatives},
      {"bitwise_not", [](const Tensors& x) { return ~x[0]; }, {integers({9}, -2e9, 2e9)}, no_derivatives},
      {"left_shift",
       [](const Tensors& x) { return x[0] << x[1]; },
       {integers({40}, -2e9, 2e9), integers({40}, -4, 36)},
       no_derivatives},
      {"right_shift",
       [](const Tensors& x) { return x[0] >> x[1]; },
       {integers({40}, -2e9, 2e9), integers({40}, -4, 36)},
       no_derivatives},
      {"right_shift u32",
       [](const Tensors& x) { return x[0] >> x[1]; },
       {words({40}), words({40}, 0, 40)},
       no_derivatives},
      {"floor_divide", whole_quotient, {numbers({12}, -9, 9), numbers({12}, 1, 3)}},
      {"floor_divide broadcasting", whole_quotient, {numbers({3, 1}, -9, 9), numbers({4}, -3, -1)}},
      {"floor_divide_integers i32",
       whole_quotient,
       {integers({20}, -30, 30), integers({20}, 1, 7)},
       no_derivatives},
      {"floor_divide_integers i32 by negatives",
       whole_quotient,
       {integers({20}, -30, 30), integers({20}, -7, -1)},
       no_derivatives},
      {"floor_divide_integers u32", whole_quotient, {words({12}), words({12}, 1, 1000)}, no_derivatives},
      {"fmax", [](const Tensors& x) { return fmax(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"fmin", [](const Tensors& x) { return fmin(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"copysign", [](const Tensors& x) { return copysign(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"logaddexp", [](const Tensors& x) { return logaddexp(x[0], x[1]); }, {numbers({3, 1}), numbers({4})}},
      {"logaddexp2",
       [](const Tensors& x) { return logaddexp2(x[0], x[1]); },
       {numbers({3, 1}), numbers({4})}},
      {"isclose",
       [](const Tensors& x) { return isclose(x[0], x[1], {.atol = 0.5}); },
       {numbers({3, 1}), numbers({4})},
       no_derivatives},
      {"allclose",
       [](const Tensors& x) { return allclose(x[0], x[1], {.atol = 4}); },
       {numbers({3, 1}), numbers({4})},
       no_derivatives},
      {"maximum", larger, {numbers({3, 4}), numbers({3, 4})}},
      {"maximum broadcasting", larger, {numbers({3, 1}), numbers({4})}},
      {"maximum ties", larger, {numbers({12}, -1, 1), numbers({12}, -1, 1)}, ties},
      {"maximum i32", larger, {integers({9}), integers({9})}, no_derivatives},
      {"maximum u32", larger, {words({9}), words({9})}, no_derivatives},
      {"minimum", smaller, {numbers({3, 4}), numbers({4})}},
      {"minimum ties", smaller, {numbers({12}, -1, 1), numbers({12}, -1, 1)}, ties},
      {"minimum i32", smaller, {integers({9}), integers({9})}, no_derivatives},
      {"minimum u32", smaller, {words({9}), words({9})}, no_derivatives},
      {"pow of tensors", power, {numbers({3, 1}, 0.5, 2), numbers({4})}},
      {"pow rank 0", power, {numbers({}, 0.5, 2), numbers({})}},
      {"pow no elements", power, {numbers({0, 2}, 0.5, 2), numbers({2})}},
      {"pow rank 8", power, {numbers({1, 2, 1, 1, 1, 2, 1, 1}, 0.5, 2), numbers({2, 1})}},
      {"pow of whole numbers",
       power,
       {numbers({15}, 0, 2), numbers({15}, 1, 3)},
       {.derivatives = 2, .whole = true}},
      {"pow of negative numbers",
       [](const Tensors& x) { return pow(x[0], constant(3, {6}) - constant(1, {})); },
       {numbers({6}, -2, -0.5)}},
      {"clip by tensors", limited, {numbers({3, 4}, -3, 3), numbers({4}, -2, 0), numbers({3, 1}, 0, 2)}},
      {"clip ties", limited, {numbers({20}, -2, 2), numbers({20}, -1, 0), numbers({20}, 0, 1)}, ties},
      {"clip i32", limited, {integers({9}), integers({9}, -5, 0), integers({}, 1, 5)}, no_derivatives},
      {"clip u32",
       [](const Tensors& x) { return clip(x[0], 1000, 3000000000u); },
       {words({9})},
       no_derivatives},
      {"several results of one operand",
       [](const Tensors& x) {
         const Tensor shared = exp(x[0]) + x[1];
         return shared * shared / (1 + square(shared)) - shared;
       },
       {numbers({4, 3}), numbers({3})}},
      {"a constant result", [](const Tensors& x) { return zeros_like(x[0]) + 2; }, {numbers({3})}},
  };
}

}  // namespace hekla::testing
