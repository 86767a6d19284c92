// Steps: the computation on one batch in training, evaluation and prediction.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "graph/run/evaluator.h"
#include "train/data/dataset.h"
#include "train/metrics/running.h"
#include "train/model/model.h"

namespace hekla {

/// Builds the model for batches of this data set unless it is built; a generator is asked for one batch.
void build_for(Model::State& state, const Dataset& data, std::int64_t batch_size);

/// Whether each sample has a number for each class.
bool is_one_hot(const Tensor& targets);

/// f32 [classes]: the weight of each label up to the largest named; empty for no weights. Throws hekla::Error
/// on negative labels or weights.
Tensor class_weight_table(const std::map<int, double>& class_weight);

/// Loss, gradients, and the updates of the optimizer, the layers and the metrics.
struct TrainingStep {
  Computation computation;
  Tensor loss;
  std::vector<LayerRecord> layers;  ///< as recorded by the call
};
/// `class_weights` comes from class_weight_table.
TrainingStep training_step(Model::State& state, const Dataset& data, RunningMetrics& metrics,
                           const Tensor& class_weights, const Batch& batch, std::int64_t size);
/// Loss and metrics in inference.
Computation test_step(Model::State& state, const Dataset& data, RunningMetrics& metrics, const Batch& batch,
                      std::int64_t size);
/// The outputs in inference.
Computation prediction_step(Model::State& state, const Dataset& data, const Batch& batch);

}  // namespace hekla
