// Normalizations and dropout.
#include "ops/nn/normalize.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"
#include "train/onnx/operations/windows.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// A vector over axis 1 of x, for broadcasting.
Tensor per_channel(const Call& call, const Tensor& vector, const Tensor& x) {
  if (vector.rank() != 1 || (vector.size(0) != x.size(1) && vector.size(0) != 1))
    call.fail(
        fmt::format("{} is given for the {} channels of {}.", describe(vector), x.size(1), describe(x)));
  Shape shape{vector.size(0)};
  for (int axis = 2; axis < x.rank(); ++axis) shape.push_back(1);
  return reshape(vector, shape);
}

Results batch_normalization_of(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() < 2) call.fail(fmt::format("{} is given; [n, c, ..] is needed.", describe(x)));
  if (call.opset() < 9 && !call.flag("spatial", true))
    call.fail("statistics of each position (spatial = 0) are not supported.");
  const double epsilon = call.number("epsilon", 1e-5);
  const double momentum = call.number("momentum", 0.9);
  const bool declared = call.flag("training_mode");
  if (!declared && !call.mode().is_training())
    return {channels_first(
        batch_normalization(channels_last(x), call[3], call[4], call[1], call[2], -1, epsilon))};
  std::vector<int> axes{0};
  for (int axis = 2; axis < x.rank(); ++axis) axes.push_back(axis);
  const Moments batch = moments(x, axes);
  const auto moved = [&](std::size_t input, const Tensor& statistic) {
    const Tensor& moving = call[input];
    const bool is_weight = moving.node().op->kind == Kind::variable;
    const Tensor before = is_weight ? call.mode().latest(moving) : moving;
    const Tensor result = before * momentum + stop_gradient(statistic) * (1 - momentum);
    if (is_weight) call.mode().update(moving, result);
    return result;
  };
  const Tensor mean = moved(3, batch.mean);
  const Tensor variance = moved(4, batch.variance);
  return {batch_normalization(x, batch.mean, batch.variance, call[1], call[2], 1, epsilon), mean, variance};
}

Results layer_normalization_of(const Call& call) {
  const Tensor& x = call[0];
  const int first = call.axis("axis", -1, x.rank());
  std::vector<int> axes;
  for (int axis = first; axis < x.rank(); ++axis) axes.push_back(axis);
  const double epsilon = call.number("epsilon", 1e-5);
  const Shape normalized(std::vector<std::int64_t>(x.shape().begin() + first, x.shape().end()));
  const bool is_plain =
      call[1].shape() == normalized && (!call.has_input(2) || call[2].shape() == normalized);
  if (is_plain && !call.has_output(1) && !call.has_output(2))
    return {layer_normalization(x, call[1], call.optional(2), axes, epsilon)};
  const Moments m = moments(x, axes, KeepDims::yes);
  const Tensor factor = rsqrt(m.variance + epsilon);
  Tensor y = (x - m.mean) * factor * call[1];
  if (call.has_input(2)) y = y + call[2];
  return {y, m.mean, factor};
}

Results rms_normalization_of(const Call& call) {
  const Tensor& x = call[0];
  const int first = call.axis("axis", -1, x.rank());
  std::vector<int> axes;
  for (int axis = first; axis < x.rank(); ++axis) axes.push_back(axis);
  return {x * rsqrt(mean(x * x, axes, KeepDims::yes) + call.number("epsilon", 1e-5)) * call[1]};
}

// [n, groups, ..] with zero mean and variance one over all axes but the first two.
Tensor normalized(const Tensor& x, double epsilon) {
  std::vector<int> axes;
  for (int axis = 2; axis < x.rank(); ++axis) axes.push_back(axis);
  const Moments m = moments(x, axes, KeepDims::yes);
  return (x - m.mean) * rsqrt(m.variance + epsilon);
}

Results instance_normalization_of(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() < 3) call.fail(fmt::format("{} is given; [n, c, spatial axes] is needed.", describe(x)));
  return {normalized(x, call.number("epsilon", 1e-5)) * per_channel(call, call[1], x) +
          per_channel(call, call[2], x)};
}

Results group_normalization_of(const Call& call) {
  const Tensor& x = call[0];
  const std::int64_t groups = call.integer("num_groups");
  if (x.rank() < 3 || groups < 1 || x.size(1) % groups != 0)
    call.fail(fmt::format("{} does not divide into {} groups of channels.", describe(x), groups));
  std::vector<std::int64_t> grouped{x.size(0), groups, x.size(1) / groups};
  grouped.insert(grouped.end(), x.shape().begin() + 2, x.shape().end());
  Tensor y = normalized(reshape(x, grouped), call.number("epsilon", 1e-5));
  // Since opset 21 scale and bias have a number for each channel.
  if (call.opset() < 21) {
    std::vector<std::int64_t> per_group(grouped.size(), 1);
    per_group[1] = groups;
    return {reshape(y * reshape(call[1], per_group) + reshape(call[2], per_group), x.shape())};
  }
  y = reshape(y, x.shape());
  return {y * per_channel(call, call[1], x) + per_channel(call, call[2], x)};
}

Results local_response_normalization(const Call& call) {
  const Tensor& x = call[0];
  const std::int64_t size = call.integer("size");
  if (x.rank() < 3 || size < 1) call.fail(fmt::format("{} over {} channels.", describe(x), size));
  std::vector<Padding> around(2);
  around[1] = {.low = (size - 1) / 2, .high = size - 1 - (size - 1) / 2};
  const Tensor squares = sum(windows(pad(x * x, around), 1, size), {x.rank()});
  const Tensor factor =
      call.number("bias", 1) + squares * (call.number("alpha", 1e-4) / static_cast<double>(size));
  return {x / pow(factor, call.number("beta", 0.75))};
}

Results lp_normalization(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis("axis", -1, x.rank());
  const Tensor length = norm(x, static_cast<double>(call.integer("p", 2)), axis, KeepDims::yes);
  return {x / length};
}

Results mean_variance_normalization(const Call& call) {
  const Tensor& x = call[0];
  std::vector<int> axes;
  for (const std::int64_t axis : call.integers("axes", {0, 2, 3}))
    axes.push_back(call.axis_at(axis, x.rank()));
  const Moments m = moments(x, axes, KeepDims::yes);
  return {(x - m.mean) / (sqrt(m.variance) + 1e-9)};
}

Results dropout_of(const Call& call) {
  const Tensor& x = call[0];
  const double ratio = call.has_input(1) ? call.known_number(1) : call.number("ratio", 0.5);
  // The file's own training mode has no key: only hekla's draws.
  if (!call.mode().is_training() || ratio == 0)
    return {Operand(x, call.operand(0).type), ones(x.shape(), DType::boolean)};
  const Tensor kept = random_bernoulli(x.shape(), call.mode().next_key(), 1 - ratio);
  return {Operand(where(kept, x * (1 / (1 - ratio)), 0), call.operand(0).type), kept};
}

}  // namespace

std::vector<Conversion> normalizations() {
  return {
      {"BatchNormalization",
       batch_normalization_of,
       {"epsilon", "is_test", "momentum", "spatial", "training_mode"}},
      {"Dropout", dropout_of, {"is_test", "ratio", "seed"}},
      {"GroupNormalization", group_normalization_of, {"epsilon", "num_groups", "stash_type"}},
      {"InstanceNormalization", instance_normalization_of, {"epsilon"}},
      {"LRN", local_response_normalization, {"alpha", "beta", "bias", "size"}},
      {"LayerNormalization", layer_normalization_of, {"axis", "epsilon", "stash_type"}},
      {"LpNormalization", lp_normalization, {"axis", "p"}},
      {"MeanVarianceNormalization", mean_variance_normalization, {"axes"}},
      {"RMSNormalization", rms_normalization_of, {"axis", "epsilon", "stash_type"}},
  };
}

}  // namespace hekla::onnx
