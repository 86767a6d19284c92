// Checks of the data that a model is trained, evaluated or used with, on the host and before they are used.
#pragma once

#include <cstdint>
#include <string_view>

#include "train/data/dataset.h"
#include "train/model/model.h"

namespace hekla {

/// What the targets of a data set are used for.
enum class TargetUse { none, loss, loss_and_class_weight };

/// Checks the inputs and targets of a data set of tensors. Throws hekla::Error `[caller] ...` where an index
/// is outside of the table of the layer that takes it, or where labels fit neither the model's sparse losses
/// nor the class weights.
void check_data(std::string_view caller, const Model::State& state, const Dataset& data, TargetUse use);
/// Checks a batch of a generator; errors number its examples from `first`.
void check_data(std::string_view caller, const Model::State& state, const Dataset& data, const Batch& batch,
                std::int64_t first, TargetUse use);

}  // namespace hekla
