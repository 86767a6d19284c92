// Matrix product.
#include "ops/matmul.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matrix/shapes.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

thread_local DType current_precision = DType::f32;

void check_dtypes(const Tensor& a, const Tensor& b) {
  if (!is_float(a.dtype()) || a.dtype() != b.dtype()) {
    throw Error(fmt::format(
        "[matmul] operands are {} and {}; both must be f32, or both f16 or both bf16 (see hk::cast).",
        describe(a), describe(b)));
  }
}

void check_precision(DType precision) {
  if (is_float(precision)) return;
  throw Error(
      fmt::format("[matmul] {} is no precision of a product; use f32, f16 or bf16.", name(precision)));
}

Meta matmul_rule(const Node& node) {
  const Tensor& a = node.inputs[0];
  const Tensor& b = node.inputs[1];
  check_dtypes(a, b);
  Shape shape = a.shape();
  shape[shape.rank() - 1] = b.shape().back();
  return {shape, DType::f32};
}

}  // namespace

// Both operands have the same leading axes.
const Op matmul_op{
    .name = "matmul",
    .kind = Kind::matmul,
    .arity = 2,
    .infer = matmul_rule,
    .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
      const auto& x = y.node().inputs;
      // The gradient of f16 or bf16 factors is f32, computed from factors of the same narrow dtype.
      const Tensor factor = cast(g, x[0].dtype());
      return {matmul(factor, transpose(x[1]), DType::f32), matmul(transpose(x[0]), factor, DType::f32)};
    }};

MatmulPrecision::MatmulPrecision(DType precision) : before_(current_precision) {
  check_precision(precision);
  current_precision = precision;
}

MatmulPrecision::~MatmulPrecision() { current_precision = before_; }

Tensor matmul(const Tensor& a, const Tensor& b) { return matmul(a, b, current_precision); }

Tensor matmul(const Tensor& a, const Tensor& b, DType precision) {
  check_precision(precision);
  if (a.rank() == 0 || b.rank() == 0) {
    throw Error(fmt::format("[matmul] operands are {} and {}; a scalar is no matrix, multiply with *.",
                            describe(a), describe(b)));
  }
  if (a.size(-1) != b.size(b.rank() == 1 ? 0 : -2)) {
    throw Error(
        fmt::format("[matmul] inner sizes differ: {} x {}; the left operand's last axis must equal the right "
                    "operand's second-last.",
                    describe(a), describe(b)));
  }
  check_dtypes(a, b);
  if (precision != DType::f32 && a.dtype() == DType::f32)
    return matmul(cast(a, precision), cast(b, precision), DType::f32);
  // One number: a reduction is parallel over the device; a matrix product of one row and one column is not.
  if (a.rank() == 1 && b.rank() == 1) return sum(cast(a, DType::f32) * cast(b, DType::f32));
  if (a.rank() == 1) return squeeze(matmul(expand_dims(a, 0), b, DType::f32), {b.rank() == 1 ? 0 : -2});
  if (b.rank() == 1) return squeeze(matmul(a, expand_dims(b, 1), DType::f32), {-1});
  if (a.size(-1) == 0) {
    // An empty sum.
    return zeros(with_matrix(common_leading_axes("matmul", a, b), a.size(-2), b.size(-1)));
  }
  if (b.rank() == 2 && a.rank() > 2) {
    // The same matrix for the whole batch: the leading axes are merged into the rows.
    Shape shape = a.shape();
    shape[shape.rank() - 1] = b.size(-1);
    const Tensor rows = reshape(a, Shape{a.count() / a.size(-1), a.size(-1)});
    return with_origin(reshape(apply(matmul_op, {rows, b}), shape), {"matmul", {a, b}});
  }
  const Shape common = common_leading_axes("matmul", a, b);
  return with_origin(apply(matmul_op, {broadcast_to(a, with_matrix(common, a.size(-2), a.size(-1))),
                                       broadcast_to(b, with_matrix(common, b.size(-2), b.size(-1)))}),
                     {"matmul", {a, b}});
}

}  // namespace hekla
