// Initializer: the initial value of a weight. The distributions are in ops/nn/initialize.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/dtype.h"
#include "graph/tensor.h"
#include "ops/nn/initialize.h"
#include "ops/random.h"

namespace hekla {

/// Any initializer: a function of ops/nn/initialize.h, its name, or a function of your own.
class Initializer {
 public:
  using Function = std::function<Tensor(const Shape&, const RandomKey&)>;

  /// Any function of shape and key: hk::he_normal, a lambda.
  template <class F>
  requires std::constructible_from<Function, F> Initializer(F function) : function_(std::move(function)) {}
  /// Keras's names, in letters of any case: "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
  /// "lecun_normal", "orthogonal", "random_uniform", "random_normal", "truncated_normal", "zeros", "ones".
  /// Throws hekla::Error for another.
  Initializer(std::string_view name);
  Initializer(const char* name) : Initializer(std::string_view(name)) {}
  /// For hk::zeros and hk::ones.
  Initializer(Tensor (*constant)(const Shape&, DType));

  Tensor operator()(const Shape& shape, const RandomKey& key) const { return function_(shape, key); }

 private:
  Function function_;
};

/// The initializer of a kernel whose `summed` axes are summed over: it makes a matrix of these axes by the others, so that
/// fan_in is the product of their sizes, which then gets the kernel's shape.
Initializer over_axes(const Initializer& initializer, const std::vector<int>& summed);

/// `number` in every element.
Initializer constant_initializer(double number);
/// A matrix with orthonormal columns, or rows where those are fewer, times `gain`; the leading axes of a
/// weight [.., n] make its rows. It is the Q of a QR decomposition of normal numbers. The signs are those
/// that make R's diagonal positive, so that Q is uniformly distributed. Throws hekla::Error below rank 2.
/// (Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning, ICLR 2014.)
Initializer orthogonal(double gain = 1);

}  // namespace hekla
