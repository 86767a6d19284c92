// Elementwise work on permuted tensors. ONNX has channels second where hekla's convolutions have them last: permutations that
// are moved behind the elementwise work between two convolutions meet there and cancel, and the work joins the product.
#pragma once

#include "graph/tensor.h"

namespace hekla::onnx {

/// function(x), where element i of the result depends on element i of x alone.
template <class F>
Tensor elementwise(const Tensor& x, const F& function);

/// The same of two tensors that broadcast to the shape of the first.
template <class F>
Tensor elementwise(const Tensor& a, const Tensor& b, const F& function);

/// Whether x is a permutation of something else.
bool is_permuted(const Tensor& x);
/// What it is a permutation of.
Tensor before_permutation(const Tensor& x);
/// y in the order of x, where y is like before_permutation(x).
Tensor permuted_as(const Tensor& x, const Tensor& y);
/// What permuted_as(x, ..) makes b of, for a b that broadcasts to x.
Tensor permuted_back(const Tensor& x, const Tensor& b);

template <class F>
Tensor elementwise(const Tensor& x, const F& function) {
  return is_permuted(x) ? permuted_as(x, function(before_permutation(x))) : function(x);
}

template <class F>
Tensor elementwise(const Tensor& a, const Tensor& b, const F& function) {
  if (is_permuted(a) && b.rank() <= a.rank() && broadcast_shapes(a.shape(), b.shape(), "onnx") == a.shape())
    return permuted_as(a, function(before_permutation(a), permuted_back(a, b)));
  return function(a, b);
}

}  // namespace hekla::onnx
