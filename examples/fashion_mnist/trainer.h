// Training and testing a network: each is a step compiled once and run many times, with everything it needs
// on the device.
#pragma once

#include <cstdint>

#include "examples/fashion_mnist/network.h"
#include "ops/optim/optimizer.h"
#include "train/batches.h"
#include "train/pass.h"
#include "train/progress.h"
#include "train/running_metrics.h"

namespace hekla::fashion_mnist {

class Trainer {
 public:
  struct Settings {
    std::int64_t batch_size = 32;  ///< examples in a step; the last one of an epoch takes what is left
    std::uint64_t seed = 42;       ///< decides the order of the examples
    std::int64_t falling = 0;      ///< epochs over which the learning rate falls evenly to 0; 0: it stays
  };
  Trainer(const Network& network, const hekla::Optimizer& optimizer, const data::Batches& data,
          const Settings& settings);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  std::int64_t steps_per_epoch() const { return pass_.steps(); }

  /// Trains one epoch (the first is 1) and returns its means; `bar` ends with them.
  /// Throws hekla::Error when the loss is no longer finite.
  Metrics train_epoch(std::int64_t epoch, ProgressBar& bar);

 private:
  Program compile_step(std::int64_t batch_size);
  Metrics read(std::int64_t epoch, std::int64_t step, std::int64_t examples) const;

  Network network_;
  hekla::Optimizer optimizer_;
  data::Batches data_;
  Settings settings_;
  double learning_rate_;  // at the start
  RunningMetrics metrics_;
  Pass pass_;
};

class Tester {
 public:
  Tester(const Network& network, const data::Batches& data);
  Tester(const Tester&) = delete;
  Tester& operator=(const Tester&) = delete;

  /// Mean loss and accuracy over all examples, with the weights of this moment. Throws hekla::Error when the
  /// loss is not finite.
  Metrics run();

 private:
  Program compile_step(std::int64_t batch_size);

  Network network_;
  data::Batches data_;
  RunningMetrics metrics_;
  Pass pass_;
};

}  // namespace hekla::fashion_mnist
