// ActivationFunction: the function that a layer applies to its result.
#pragma once

#include <concepts>
#include <functional>
#include <string_view>

#include "graph/tensor.h"
#include "ops/activation.h"
#include "ops/exponential.h"

namespace hekla {

/// Any activation: a function of ops/activation.h, its name, a function of your own, or none.
class ActivationFunction {
 public:
  using Function = std::function<Tensor(const Tensor&)>;

  /// None: the layer is linear.
  ActivationFunction() = default;
  /// Any function of a tensor: hk::relu, a lambda, a composite of your own.
  template <class F>
  requires std::constructible_from<Function, F> ActivationFunction(F function)
      : function_(std::move(function)) {}
  /// For hk::softmax, hk::log_softmax and hk::glu, which take an axis: over the last axis.
  ActivationFunction(Tensor (*over_axis)(const Tensor&, int))
      : function_([over_axis](const Tensor& x) { return over_axis(x, -1); }) {}
  /// Keras's names, in letters of any case: "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish",
  /// "mish", "sigmoid", "hard_sigmoid", "hard_swish", "log_sigmoid", "tanh", "softplus", "softsign",
  /// "softmax", "log_softmax", "glu", "exponential". Throws hekla::Error for another.
  ActivationFunction(std::string_view name);
  ActivationFunction(const char* name) : ActivationFunction(std::string_view(name)) {}

  Tensor operator()(const Tensor& x) const { return function_ ? function_(x) : x; }

 private:
  Function function_;
};

}  // namespace hekla
