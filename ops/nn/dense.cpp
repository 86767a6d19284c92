// The fully connected layer.
#include "ops/nn/dense.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/nn/initialize.h"

namespace hekla {

Dense::Dense(std::int64_t inputs, std::int64_t units, const RandomKey& key, Activation activation,
             const std::string& name)
    : activation(std::move(activation)) {
  if (inputs < 1 || units < 1) {
    throw Error(
        fmt::format("[dense] {} has {} inputs and {} units; both must be positive.", name, inputs, units));
  }
  kernel = variable(glorot_uniform({inputs, units}, key), name + "/kernel");
  bias = variable(zeros({units}), name + "/bias");
}

Tensor Dense::operator()(const Tensor& x) const {
  const Tensor z = matmul(x, kernel) + bias;
  return activation ? activation(z) : z;
}

}  // namespace hekla
