// The fully connected layer.
#pragma once

#include <functional>
#include <string>

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

using Activation = std::function<Tensor(const Tensor&)>;

/// y = activation(x kernel + bias) over x's last axis, as Keras's Dense: kernel [inputs, units] starts
/// glorot_uniform, bias [units] at zero. Without an activation the layer is linear.
struct Dense {
  /// Throws hekla::Error unless both sizes are positive. `key` decides the initial kernel; `name` labels the
  /// weights.
  Dense(std::int64_t inputs, std::int64_t units, const RandomKey& key, Activation activation = nullptr,
        const std::string& name = "dense");

  Tensor operator()(const Tensor& x) const;

  Tensor kernel;
  Tensor bias;
  Activation activation;
};

}  // namespace hekla
