// Matrix products.
#include "ops/matmul.h"

#include <fmt/format.h>

#include "ops/cast.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/matrix/solve.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// matmul of integers, exact below 2^24.
Tensor product(const Tensor& a, const Tensor& b) {
  if (is_float(a.dtype())) return matmul(a, b);
  return cast(round(matmul(cast(a, DType::f32), cast(b, DType::f32))), a.dtype());
}

Results matmul_of(const Call& call) { return {like(call.operand(0), product(call[0], call[1]))}; }

Results gemm(const Call& call) {
  const auto turned = [&](const Tensor& x, bool turn) {
    if (x.rank() != 2) call.fail(fmt::format("{} is given; a matrix is needed.", describe(x)));
    return turn ? transpose(x) : x;
  };
  Tensor y = product(turned(call[0], call.flag("transA")), turned(call[1], call.flag("transB")));
  const auto scaled = [](const Tensor& x, double factor) {
    return factor == 1 ? x : cast(cast(x, DType::f32) * factor, x.dtype());
  };
  y = scaled(y, call.number("alpha", 1));
  if (call.has_input(2)) y = y + scaled(call[2], call.number("beta", 1));
  return {like(call.operand(0), y)};
}

Results determinant(const Call& call) { return {det(call[0])}; }

Results einsum_of(const Call& call) { return {einsum(call.text("equation", ""), call.tensors())}; }

// A zero point of one number for each row of a matrix, or one for all.
Tensor centered(const Call& call, std::size_t value, std::size_t zero_point, bool by_rows) {
  const Tensor x = cast(call[value], DType::f32);
  if (!call.has_input(zero_point)) return x;
  const Tensor zero = cast(call[zero_point], DType::f32);
  return x - (by_rows && zero.rank() == 1 && zero.count() > 1 ? expand_dims(zero, -1) : zero);
}

Results matmul_integer(const Call& call) {
  return {cast(matmul(centered(call, 0, 2, true), centered(call, 1, 3, false)), DType::i32)};
}

}  // namespace

std::vector<Conversion> products() {
  return {
      {"Det", determinant},
      {"Einsum", einsum_of, {"equation"}},
      {"Gemm", gemm, {"alpha", "beta", "broadcast", "transA", "transB"}},
      {"MatMul", matmul_of},
      {"MatMulInteger", matmul_integer},
  };
}

}  // namespace hekla::onnx
