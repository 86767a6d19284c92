// check_op lines: functions of one operand that do not fit unary_lines.cpp, and chains of them.
#include "ops/elementwise.h"
#include "ops/identity.h"
#include "ops/reduce.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape, double low, double high) {
  return {.shape = shape, .low = low, .high = high};
}

Function of(Tensor (*function)(const Tensor&)) {
  return [=](const Tensors& x) { return function(x[0]); };
}

}  // namespace

std::vector<Line> function_lines() {
  return {
      {"negate", [](const Tensors& x) { return -x[0]; }, {numbers({3, 4}, -2, 2)}},
      {"negate rank 0", [](const Tensors& x) { return -x[0]; }, {numbers({}, 1, 2)}},
      {"negate i32", [](const Tensors& x) { return -x[0]; }, {{{7}, -100, 100, i32}}, no_derivatives},
      {"pow 0", [](const Tensors& x) { return pow(x[0], 0); }, {numbers({4}, -2, 2)}},
      {"pow 1", [](const Tensors& x) { return pow(x[0], 1); }, {numbers({4}, -2, 2)}},
      {"pow 3 of negative numbers", [](const Tensors& x) { return pow(x[0], 3); }, {numbers({6}, -2, 2)}},
      {"pow 10", [](const Tensors& x) { return pow(x[0], 10); }, {numbers({6}, -1.2, 1.2)}},
      {"pow -2", [](const Tensors& x) { return pow(x[0], -2); }, {numbers({6}, 0.5, 2)}},
      {"pow 0.5", [](const Tensors& x) { return pow(x[0], 0.5); }, {numbers({6}, 0.5, 2)}},
      {"pow 1.7", [](const Tensors& x) { return pow(x[0], 1.7); }, {numbers({6}, 0.5, 2)}},
      {"pow of a number", [](const Tensors& x) { return pow(2, x[0]); }, {numbers({6}, -2, 2)}},
      {"pow i32", [](const Tensors& x) { return pow(x[0], 3); }, {{{6}, -9, 9, i32}}, no_derivatives},
      {"stop_gradient",
       [](const Tensors& x) { return x[0] * stop_gradient(exp(x[0])); },
       {numbers({5}, -2, 2)},
       ties},
      {"identity", [](const Tensors& x) { return exp(identity(x[0])); }, {numbers({5}, -2, 2)}},
      {"tie_in",
       [](const Tensors& x) { return exp(tie_in(x[0], sum(square(x[0])))); },
       {numbers({5}, -2, 2)}},
      {"log2", of(log2), {numbers({3, 5}, 0.2, 5)}},
      {"log10", of(log10), {numbers({3, 5}, 0.2, 5)}},
      {"exp2", of(exp2), {numbers({3, 5}, -4, 4)}},
      {"asinh", of(asinh), {numbers({3, 5}, -3, 3)}},
      {"acosh", of(acosh), {numbers({3, 5}, 1.2, 4)}},
      {"atanh", of(atanh), {numbers({3, 5}, -0.8, 0.8)}},
      {"sinc", of(sinc), {numbers({3, 5}, -3, 3)}},
      {"sinc near 0", of(sinc), {numbers({3, 5}, -0.1, 0.1)}},
      {"signbit", of(signbit), {numbers({3, 5}, -3, 3)}, no_derivatives},
      {"reciprocal", of(reciprocal), {numbers({3, 5}, 0.5, 4)}},
      {"trunc", of(trunc), {numbers({3, 5}, -4, 4)}, ties},
      {"frac", of(frac), {numbers({3, 5}, -4, 4)}},
      {"erfc", of(erfc), {numbers({3, 5}, -3, 3)}},
      {"lgamma", of(lgamma), {numbers({3, 5}, 0.2, 6)}},
      {"lgamma of negative numbers", of(lgamma), {numbers({7}, -2.8, -2.2)}},
      {"digamma", of(digamma), {numbers({3, 5}, 0.4, 6)}},
      {"zeta of polygamma", [](const Tensors& x) { return polygamma(1, x[0]); }, {numbers({3, 5}, 0.6, 6)}},
      {"polygamma of negative numbers",
       [](const Tensors& x) { return polygamma(2, x[0]); },
       {numbers({5}, -1.7, -1.3)},
       {.tolerance = 3e-5, .derivatives = 1}},
      {"isnan", of(isnan), {numbers({5}, -1, 1)}, no_derivatives},
      {"isinf", of(isinf), {numbers({5}, -1, 1)}, no_derivatives},
      {"isfinite", of(isfinite), {numbers({5}, -1, 1)}, no_derivatives},
      {"nan_to_num", [](const Tensors& x) { return square(nan_to_num(x[0])); }, {numbers({5}, -1, 1)}},
      {"a chain of functions",
       [](const Tensors& x) { return tanh(log(1 + exp(x[0])) * sigmoid(-x[0]) + sqrt(square(x[0]) + 0.5)); },
       {numbers({2, 3, 5}, -2, 2)}},
      {"many elements", [](const Tensors& x) { return exp(-square(x[0])); }, {numbers({1001}, -2, 2)}},
  };
}

}  // namespace hekla::testing
