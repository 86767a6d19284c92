// Steps: what a model computes with one batch when it is trained, tested or used.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "graph/run/evaluator.h"
#include "train/data/dataset.h"
#include "train/metrics/running.h"
#include "train/model/model.h"

namespace hekla {

/// Builds the model for batches of this data set if it is not yet: a generator is asked for one.
void build_for(Model::State& state, const Dataset& data, std::int64_t batch_size);

/// Throws hekla::Error `[caller] ...` where labels do not fit the model's sparse losses, or class_weight
/// where there is one: for a data set of tensors.
void check_targets(std::string_view caller, const Model::State& state, const Dataset& data,
                   bool is_class_weighted = false);
/// The same for a batch of a generator, whose first example is called `first`.
void check_targets(std::string_view caller, const Model::State& state, const Batch& batch, std::int64_t first,
                   bool is_class_weighted = false);

/// f32 [classes]: the weight of each label up to the largest named; empty for no weights. Throws hekla::Error
/// on negative labels or weights.
Tensor class_weight_table(const std::map<int, double>& class_weight);

/// Loss, gradients, the optimizer's updates, the layers' own and the metrics'.
struct TrainingStep {
  Computation computation;
  Tensor loss;
  std::vector<LayerRecord> layers;  ///< as they were called
};
/// `class_weights` as made above.
TrainingStep training_step(Model::State& state, const Dataset& data, RunningMetrics& metrics,
                           const Tensor& class_weights, const Batch& batch, std::int64_t size);
/// Loss and metrics in inference.
Computation test_step(Model::State& state, const Dataset& data, RunningMetrics& metrics, const Batch& batch,
                      std::int64_t size);
/// The outputs in inference.
Computation prediction_step(Model::State& state, const Dataset& data, const Batch& batch);

}  // namespace hekla
