// Models and training steps that several benchmarks, and the peers in bench/peers/, measure.
#pragma once

#include <cstdint>
#include <functional>

#include "graph/run/evaluator.h"
#include "graph/tensor.h"
#include "ops/optim/optimizer.h"
#include "train/model/model.h"

namespace hekla::bench {

/// Scores of images [batch, 784].
Sequential softmax_regression();
Sequential mlp();  ///< 784-100-10, relu
Sequential
cnn();  ///< convolutions 3 x 3 of 32 and 64 filters, each with relu and pooling, dense 100, dense 10

Optimizer sgd();
Optimizer adam();

struct Step {
  std::function<Computation()> build;  ///< its graph, anew at each call over the same variables
  Tensor waited_for;                   ///< a small variable that it updates
};

/// A step over a batch that is given: forward, backward, update.
Step given_step(const Sequential& model, Optimizer optimizer, std::int64_t batch);

/// 60,000 images [784] of bytes, scaled when they are used, and labels. Noise, since the values of pixels
/// make no difference to the work.
const Dataset& noise();

/// A step whose batch is gathered on the device from `data`, in a shuffled order as fit does it: that,
/// forward, backward, update. Goes round and round.
Step resident_step(const Sequential& model, Optimizer optimizer, const Dataset& data, std::int64_t batch);

/// A step as Model::fit does it: the batch gathered on the device from 60,000 images of bytes and scaled, and
/// running metrics. Goes round and round through the data.
Step trainer_step(Sequential model, Optimizer optimizer, std::int64_t batch);

}  // namespace hekla::bench
