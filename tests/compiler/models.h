// Training steps of the two first models on made-up images: what the compiler's tests compile.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph/run/evaluator.h"
#include "hekla.h"

namespace hekla::testing {

enum class Model { softmax, mlp };

/// A training step as the Fashion-MNIST trainer builds it: batch picked on the device, loss, gradients, SGD.
struct TrainingStep {
  TrainingStep(Model model, double momentum = 0, std::int64_t features = 784, std::int64_t hidden = 100);

  Tensor loss;
  std::vector<Tensor> weights;
  std::vector<Update> updates;
  Computation computation() const { return {.outputs = {loss}, .updates = updates}; }
};

}  // namespace hekla::testing
