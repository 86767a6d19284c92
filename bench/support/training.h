// Models and training steps that several benchmarks, and the peers in bench/peers/, measure.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/evaluator.h"
#include "graph/tensor.h"
#include "ops/optim/optimizer.h"

namespace hekla::bench {

/// A model's weights and its scores of images [batch, 784].
struct Model {
  std::vector<Tensor> weights;
  std::function<Tensor(const Tensor& images)> scores;
};
Model softmax_regression();
Model mlp();  ///< 784-100-10, relu
Model cnn();  ///< convolutions 3 x 3 of 32 and 64 filters, each with relu and pooling, dense 100, dense 10

Optimizer sgd();
Optimizer adam();

struct Step {
  std::function<Computation()> build;  ///< its graph, anew at each call over the same variables
  Tensor waited_for;                   ///< a small variable that it updates
};

/// A step over a batch that is given: forward, backward, update.
Step given_step(const Model& model, Optimizer optimizer, std::int64_t batch);

/// A step as the trainer does it: the batch gathered on the device from 60,000 images of bytes and scaled,
/// and running metrics. Goes round and round through the data.
Step trainer_step(const Model& model, Optimizer optimizer, std::int64_t batch);

}  // namespace hekla::bench
