// check_op lines: comparisons, logic, where and cast.
#include "ops/elementwise.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape, double low = -2, double high = 2) {
  return {.shape = shape, .low = low, .high = high};
}
Operand integers(const Shape& shape, double low = -3, double high = 3) { return {shape, low, high, i32}; }
Operand words(const Shape& shape) { return {shape, 0, 4294967295.0, u32}; }
Operand bytes(const Shape& shape) { return {shape, 0, 255, u8}; }
Operand truths(const Shape& shape) { return {shape, 0, 1, boolean}; }

Function to(DType dtype) {
  return [dtype](const Tensors& x) { return cast(x[0], dtype); };
}

Tensor is_less(const Tensors& x) { return x[0] < x[1]; }
Tensor is_equal(const Tensors& x) { return x[0] == x[1]; }
Tensor choose(const Tensors& x) { return where(x[0], x[1], x[2]); }

}  // namespace

std::vector<Line> logic_lines() {
  return {
      {"less", is_less, {numbers({3, 4}), numbers({4})}, no_derivatives},
      {"less ties", is_less, {numbers({3, 4}), numbers({4})}, ties_no_derivatives},
      {"less i32", is_less, {integers({3, 4}), integers({3, 1})}, no_derivatives},
      {"less u32", is_less, {words({9}), words({9})}, no_derivatives},
      {"less_equal",
       [](const Tensors& x) { return x[0] <= x[1]; },
       {numbers({20}), numbers({20})},
       ties_no_derivatives},
      {"greater",
       [](const Tensors& x) { return x[0] > x[1]; },
       {numbers({20}), numbers({})},
       ties_no_derivatives},
      {"greater_equal", [](const Tensors& x) { return x[0] >= 1; }, {numbers({20})}, ties_no_derivatives},
      {"equal", is_equal, {numbers({3, 4}), numbers({4})}, ties_no_derivatives},
      {"equal i32", is_equal, {integers({5, 4}), integers({})}, no_derivatives},
      {"equal u8", is_equal, {bytes({9}), bytes({9})}, no_derivatives},
      {"equal bool", is_equal, {truths({9}), truths({9})}, no_derivatives},
      {"not_equal",
       [](const Tensors& x) { return x[0] != x[1]; },
       {numbers({20}), numbers({20})},
       ties_no_derivatives},
      {"logical_not", [](const Tensors& x) { return !x[0]; }, {truths({9})}, no_derivatives},
      {"logical_and",
       [](const Tensors& x) { return x[0] && x[1]; },
       {truths({3, 4}), truths({4})},
       no_derivatives},
      {"logical_or",
       [](const Tensors& x) { return x[0] || x[1]; },
       {truths({3, 1}), truths({4})},
       no_derivatives},
      {"logical_xor",
       [](const Tensors& x) { return logical_xor(x[0], x[1]); },
       {truths({3, 4}), truths({4})},
       no_derivatives},

      {"where", choose, {truths({3, 4}), numbers({3, 4}), numbers({3, 4})}},
      {"where broadcasting", choose, {truths({3, 1}), numbers({4}), numbers({})}},
      {"where broadcasting the branches", choose, {truths({2, 3, 4}), numbers({3, 1}), numbers({4})}},
      {"where i32", choose, {truths({9}), integers({9}), integers({9})}, no_derivatives},
      {"where u8", choose, {truths({9}), bytes({9}), bytes({9})}, no_derivatives},
      {"where bool", choose, {truths({9}), truths({9}), truths({9})}, no_derivatives},
      {"where of a comparison",
       [](const Tensors& x) { return where(x[0] < x[1], exp(x[0]), x[1] * x[0]); },
       {numbers({3, 4}), numbers({4})}},

      {"to_i32 from f32", to(i32), {numbers({20}, -9, 9)}, no_derivatives},
      {"to_u32 from f32", to(u32), {numbers({20}, 0, 4e9)}, no_derivatives},
      {"cast f32 to bool", to(boolean), {numbers({20}, -1, 1)}, ties_no_derivatives},
      {"to_f32 from i32", to(f32), {integers({20}, -1e6, 1e6)}, no_derivatives},
      {"cast i32 to u32", to(u32), {integers({20}, -9, 9)}, no_derivatives},
      {"cast i32 to bool", to(boolean), {integers({20})}, no_derivatives},
      {"to_f32 from u32", to(f32), {words({20})}, no_derivatives},
      {"cast u32 to i32", to(i32), {words({20})}, no_derivatives},
      {"to_f32 from u8", to(f32), {bytes({21})}, no_derivatives},
      {"cast u8 to i32", to(i32), {bytes({2, 3})}, no_derivatives},
      {"cast u8 to u32", to(u32), {bytes({1})}, no_derivatives},
      {"cast u8 to bool", to(boolean), {{{9}, 0, 1, u8}}, no_derivatives},
      {"to_f32 from bool", to(f32), {truths({9})}, no_derivatives},
      {"cast bool to i32", to(i32), {truths({9})}, no_derivatives},
      {"to_u8 from f32", to(u8), {numbers({21}, 0, 255)}, no_derivatives},
      {"narrow i32 to u8", to(u8), {integers({22}, -1000, 1000)}, no_derivatives},
      {"narrow u32 to u8", to(u8), {words({23})}, no_derivatives},
      {"narrow bool to u8", to(u8), {truths({5})}, no_derivatives},
      {"to_f16 from f32", to(f16), {numbers({21}, -70000, 70000)}, no_derivatives},
      {"to_bf16 from f32", to(bf16), {numbers({21}, -9, 9)}, no_derivatives},
      {"cast i32 to f16", to(f16), {integers({22}, -5000, 5000)}, no_derivatives},
      {"cast u32 to bf16", to(bf16), {words({23})}, no_derivatives},
      {"cast u8 to f16", to(f16), {bytes({5})}, no_derivatives},
      {"cast bool to bf16", to(bf16), {truths({5})}, no_derivatives},
      {"cast f16 to f32", to(f32), {{{21}, -2, 2, f16}}, no_derivatives},
      {"cast f16 to bf16", to(bf16), {{{4, 4}, -2, 2, f16}}, no_derivatives},
      {"cast bf16 to f16", to(f16), {{{3, 3}, -2, 2, bf16}}, no_derivatives},
      {"to_i32 from bf16", to(i32), {{{21}, -99, 99, bf16}}, no_derivatives},
      {"to_u8 from f16", to(u8), {{{21}, 0, 255, f16}}, no_derivatives},
      {"cast bf16 to bool", to(boolean), {{{21}, -1, 1, bf16}}, no_derivatives},
      {"equal f16", is_equal, {{{9}, -1, 1, f16}, {{9}, -1, 1, f16}}, no_derivatives},
      {"where bf16", choose, {truths({9}), {{9}, -1, 1, bf16}, {{9}, -1, 1, bf16}}, no_derivatives},
      {"narrow and read again",
       [](const Tensors& x) { return cast(cast(x[0], u8), f32) * 0.5; },
       {integers({30}, -500, 500)},
       no_derivatives},
  };
}

}  // namespace hekla::testing
