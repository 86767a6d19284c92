// Matrix product.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// np.matmul: c[.., m, n] = sum over k of a[.., m, k] * b[.., k, n], where leading axes broadcast. A vector
/// is a row on the left and a column on the right, and that axis is dropped from the result; two vectors give
/// a scalar. Both operands are f32, f16 or bf16. Products are accumulated in f32, and the result is f32.
/// MatmulPrecision decides how f32 operands are rounded. Throws hekla::Error when the inner sizes differ, for
/// scalars and for other dtypes.
Tensor matmul(const Tensor& a, const Tensor& b);

/// The same with f32 operands rounded to `precision`, f16 or bf16, or not rounded when it is f32: cast(a,
/// precision) times cast(b, precision). The gradients are f32, computed as products of factors that are
/// rounded in the same way. Throws hekla::Error for other precisions.
Tensor matmul(const Tensor& a, const Tensor& b, DType precision);

/// Mixed precision in a scope. During the lifetime of an object, matmul rounds f32 factors to f16 or bf16 in
/// the thread that made the object, which matrix units multiply many times as fast. The same holds for
/// operations and layers made of matmul: dense layers, convolutions, einsum, attention. A nested object with
/// f32 switches it off. Weights, sums and gradients stay f32, so an optimizer sees no difference. What counts
/// is where a product is written, not where it is differentiated or computed. bf16 has the range of f32 and 8
/// significant bits. f16 has 11, but gradients below 6e-8 vanish and numbers above 65504 become infinite:
/// scale the loss up and the gradients down again. Objects must be destroyed in the reverse order of their
/// construction.
///   const MatmulPrecision mixed(bf16);
///   const Tensor loss = mean(square(layer(x) - y));
class MatmulPrecision {
 public:
  /// Throws hekla::Error unless `precision` is f32, f16 or bf16.
  explicit MatmulPrecision(DType precision);
  ~MatmulPrecision();
  MatmulPrecision(const MatmulPrecision&) = delete;
  MatmulPrecision& operator=(const MatmulPrecision&) = delete;

 private:
  DType before_;
};

extern const Op matmul_op;

}  // namespace hekla
