// Training steps of the first two models on synthetic images: input for the compiler's tests.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph/run/evaluator.h"
#include "hekla.h"

namespace hekla::testing {

enum class Model { softmax, mlp };

/// A training step as the Fashion-MNIST trainer builds it: a batch gathered on the device, loss, gradients,
/// SGD.
struct TrainingStep {
  TrainingStep(Model model, double momentum = 0, std::int64_t features = 784, std::int64_t hidden = 100);

  Tensor loss;
  std::vector<Tensor> weights;
  std::vector<Update> updates;
  Computation computation() const { return {.outputs = {loss}, .updates = updates}; }
};

}  // namespace hekla::testing
