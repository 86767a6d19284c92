// The model that is trained: dense layers, one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "examples/fashion_mnist/options.h"
#include "graph/tensor.h"
#include "ops/nn/dense.h"

namespace hekla::fashion_mnist {

struct Network {
  std::vector<Dense> layers;

  /// A score for each class: f32 [n, features] to f32 [n, classes]. Their softmax is what the model holds
  /// likely.
  Tensor operator()(const Tensor& images) const;

  std::vector<Tensor> weights() const;
};

/// The model that the options ask for, with random weights that depend on the seed alone.
Network build_network(const Options& options, std::int64_t features, std::int64_t classes);

/// "mlp 784-100-10 relu, 79510 parameters".
std::string describe(const Network& network, const Options& options);

}  // namespace hekla::fashion_mnist
