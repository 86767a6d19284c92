// What losses are made of: checks of their operands, and the reduction of the samples' losses.
#pragma once

#include <string_view>

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// How far losses keep probabilities from 0 and 1, as Keras does.
inline constexpr double loss_epsilon = 1e-7;

/// The targets as f32. Throws hekla::Error `[op] ...` unless they have the shape of the predictions, of rank 1 or more,
/// and the predictions are f32.
Tensor checked_targets(std::string_view op, const Tensor& targets, const Tensor& predictions);

/// Label smoothing s: t (1 - s) + s / classes for each target t. Throws hekla::Error `[op] ...` when s is outside [0, 1].
Tensor smoothed_targets(std::string_view op, const Tensor& targets, double smoothing, double classes);

/// The samples' losses, weighted and reduced as the options say. Throws hekla::Error `[op] ...` on weights of another
/// dtype or shape.
Tensor reduced_losses(std::string_view op, const Tensor& losses, const LossOptions& options);

/// target * log, 0 where the target is 0 and the logarithm -inf: a class with probability 0 and target 0 adds nothing.
Tensor target_times_log(const Tensor& targets, const Tensor& logs);

}  // namespace hekla
