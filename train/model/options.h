// The options of compile, fit, evaluate and predict, with Keras's names and defaults.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ops/optim/optimizer.h"
#include "train/callbacks/callback.h"
#include "train/data/dataset.h"
#include "train/layers/mode.h"
#include "train/metrics/metric.h"
#include "train/model/loss.h"

namespace hekla {

/// What Model and Sequential take, with Keras's names and defaults.
struct ModelOptions {
  std::string name = {};
};

/// What Model::compile takes, with Keras's names and defaults.
struct CompileOptions {
  Optimizer optimizer = "rmsprop";
  Loss loss = {};
  std::vector<Loss> losses = {};              ///< of a model with several outputs: one for each
  std::vector<double> loss_weights = {};      ///< one for each of `losses`; default: 1
  std::vector<Metric> metrics = {};           ///< measured on each output that has a loss; of different names
  std::vector<Metric> weighted_metrics = {};  ///< the same with the samples' weights
  std::vector<std::vector<Metric>> metrics_by_output = {};  ///< more metrics, those of each output
  std::vector<std::string> output_names = {};  ///< for several outputs; default: "output_0", "output_1"
};

/// Values for all weights of a model, or for its trainable ones, in their order.
class WeightValues {
 public:
  WeightValues(std::vector<Tensor> values) : values_(std::move(values)) {}
  const std::vector<Tensor>& values() const { return values_; }

 private:
  std::vector<Tensor> values_;
};

/// What a call of a model takes besides its input: model(x, {.weights = adapted}).
struct CallOptions {
  WeightValues weights;
  Mode mode = {};
};

/// What Model::fit takes, in the order of Keras's fit, with Keras's names and defaults.
struct FitOptions {
  std::int64_t batch_size = 32;
  int epochs = 1;   ///< the number of the last epoch: with initial_epoch 2, 5 epochs mean 3 more
  int verbose = 1;  ///< 0: silent, 1: a bar, 2: a line for each epoch
  std::vector<CallbackRef> callbacks = {};
  double validation_split = 0;  ///< this share from the end of the data, taken before shuffling
  std::optional<Dataset> validation_data = {};
  bool shuffle = true;
  std::map<int, double> class_weight = {};  ///< of integer labels; others weigh 1
  Tensor sample_weight = {};                ///< f32 [n]
  int initial_epoch = 0;
  std::optional<std::int64_t> steps_per_epoch = {};
  std::optional<std::int64_t> validation_steps = {};
  std::optional<std::int64_t> validation_batch_size = {};  ///< default: batch_size
  /// Validate once in so many epochs; callbacks that monitor a number of the validation wait for it.
  int validation_freq = 1;
};

/// What Model::evaluate takes, with Keras's names and defaults.
struct EvaluateOptions {
  std::int64_t batch_size = 32;
  int verbose = 1;
  Tensor sample_weight = {};
  std::optional<std::int64_t> steps = {};
};

/// What Model::predict takes, with Keras's names and defaults.
struct PredictOptions {
  std::int64_t batch_size = 32;
  int verbose = 0;
  std::optional<std::int64_t> steps = {};
};

}  // namespace hekla
