// Comparisons up to rounding.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Options of isclose and allclose; NumPy's and PyTorch's defaults.
struct Closeness {
  double rtol = 1e-5;
  double atol = 1e-8;
  bool equal_nan = false;  ///< NaN is close to NaN
};

/// True where |a - b| <= atol + rtol |b|, or both are the same infinity; f32; np.isclose.
Tensor isclose(const Tensor& a, const Tensor& b, const Closeness& closeness = {});
/// True (a bool scalar) where all elements are close; np.allclose.
Tensor allclose(const Tensor& a, const Tensor& b, const Closeness& closeness = {});

}  // namespace hekla
