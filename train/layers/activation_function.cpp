// See activation_function.h.
#include "train/layers/activation_function.h"

#include <array>
#include <utility>

#include "graph/choice.h"

namespace hekla {

namespace {

const std::array<std::pair<std::string_view, ActivationFunction::Function>, 22>& named() {
  static const std::array<std::pair<std::string_view, ActivationFunction::Function>, 22> table{{
      {"linear", [](const Tensor& x) { return x; }},
      {"relu", relu},
      {"relu6", relu6},
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }},
      {"elu", [](const Tensor& x) { return elu(x); }},
      {"selu", selu},
      {"celu", [](const Tensor& x) { return celu(x); }},
      {"gelu", [](const Tensor& x) { return gelu(x); }},
      {"silu", silu},
      {"swish", silu},
      {"mish", mish},
      {"sigmoid", sigmoid},
      {"hard_sigmoid", hard_sigmoid},
      {"hard_swish", hard_swish},
      {"log_sigmoid", log_sigmoid},
      {"tanh", [](const Tensor& x) { return tanh(x); }},
      {"softplus", softplus},
      {"softsign", softsign},
      {"softmax", [](const Tensor& x) { return softmax(x); }},
      {"log_softmax", [](const Tensor& x) { return log_softmax(x); }},
      {"glu", [](const Tensor& x) { return glu(x); }},
      {"exponential", [](const Tensor& x) { return exp(x); }},
  }};
  return table;
}

}  // namespace

ActivationFunction::ActivationFunction(std::string_view name)
    : function_(choose("activation", name, named())) {}

}  // namespace hekla
