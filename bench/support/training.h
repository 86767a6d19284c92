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
  std::function<Computation()> build;  ///< its graph, rebuilt at each call over the same variables
  Tensor waited_for;                   ///< a small variable that it updates
};

/// A step over a given batch: forward, backward, update.
Step given_step(const Sequential& model, Optimizer optimizer, std::int64_t batch);

/// 60,000 images [784] of bytes, scaled when they are used, and labels. Noise, since the pixel values do not
/// affect the amount of work.
const Dataset& noise();

/// A step whose batch is gathered on the device from `data`, in a shuffled order as in fit: gather, forward,
/// backward, update. Wraps around at the end of the data.
Step resident_step(const Sequential& model, Optimizer optimizer, const Dataset& data, std::int64_t batch);

/// A step as Model::fit does it: the batch gathered on the device from 60,000 images of bytes and scaled, and
/// running metrics. Wraps around at the end of the data.
Step trainer_step(Sequential model, Optimizer optimizer, std::int64_t batch);

}  // namespace hekla::bench
