// See spectral_normalization.h.
#include "train/layers/spectral_normalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// As keras.ops.normalize.
Tensor normalized(const Tensor& vector) { return vector / maximum(norm(vector), 1e-12); }

// The step adds the change to the weight's update, ahead of the layer's own constraint.
void change_with_update(CallRecord& record, const Tensor& weight, const Tensor& change) {
  const auto own = std::ranges::find_if(
      record.constrained, [&](const Constrained& one) { return one.weight.get() == weight.get(); });
  if (own == record.constrained.end()) {
    record.constrained.push_back({weight, [change](const Tensor& updated) { return updated + change; }});
  } else {
    own->constraint = [change, constraint = own->constraint](const Tensor& updated) {
      return constraint(updated + change);
    };
  }
}

}  // namespace

SpectralNormalization::SpectralNormalization(Layer layer, std::function<std::vector<Tensor>()> weights,
                                             const SpectralNormalizationOptions& options)
    : layer_(std::move(layer)),
      inner_weights_(std::move(weights)),
      power_iterations_(options.power_iterations),
      state_(std::make_shared<LayerState>("SpectralNormalization", options.name)) {
  if (power_iterations_ < 1)
    throw Error(fmt::format("[{}] power_iterations is {}; it must be positive.", state_->display_name(),
                            power_iterations_));
}

Tensor SpectralNormalization::kernel() const {
  for (const Tensor& weight : inner_weights_()) {
    const std::string& label = weight.node().label;
    if (label.ends_with("kernel") || label.ends_with("embeddings")) return weight;
  }
  throw Error(fmt::format("[{}] the layer has neither a kernel nor embeddings.", state_->name()));
}

// Calls the layer so that it makes its weights, and takes back what else the call leaves in a walk of training.
void SpectralNormalization::make_weights(const Tensor& x, const Mode& mode) const {
  CallRecord& record = mode.record();
  const CallRecord before = record;
  layer_(x, mode);
  record.draws = before.draws;
  record.updates = before.updates;
  record.losses = before.losses;
  record.constrained = before.constrained;
  record.regularized = before.regularized;
}

Tensor SpectralNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (!mode.is_training()) return call.done(layer_(x, mode));
  if (inner_weights_().empty()) make_weights(x, mode);
  const Tensor weight = kernel();
  const Initializer small = [](const Shape& shape, const RandomKey& key) {
    return random_truncated_normal(shape, key, 0, 0.02);
  };
  const Tensor start = call.weight("vector_u", {1, weight.size(-1)}, small, {.trainable = false});
  // A kernel that was divided in this walk stays as it is.
  if (mode.latest(start).get() != start.get()) return call.done(layer_(x, mode));
  const Tensor change = divide(weight, start, mode);
  const Tensor y = layer_(x, mode);
  change_with_update(mode.record(), weight, change);
  return call.done(y);
}

// Puts the divided kernel in the place of the kernel in this walk, and gives the difference.
Tensor SpectralNormalization::divide(const Tensor& weight, const Tensor& start, const Mode& mode) const {
  CallRecord& record = mode.record();
  const auto given = record.replaced.find(weight.get());
  const Tensor value = given == record.replaced.end() ? weight : given->second;
  const Tensor matrix = stop_gradient(reshape(value, Shape{value.count() / value.size(-1), value.size(-1)}));
  Tensor u = start, v;
  for (std::int64_t i = 0; i < power_iterations_; ++i) {
    v = normalized(matmul(u, transpose(matrix)));
    u = normalized(matmul(v, matrix));
  }
  const Tensor sigma = matmul(matmul(v, matrix), transpose(u));
  const Tensor is_zero = all(matrix == 0);
  const Tensor change = where(is_zero, 0, reshape(matrix / sigma - matrix, value.shape()));
  record.replaced[weight.get()] = value + change;
  mode.update(start, where(is_zero, start, u));
  return change;
}

std::vector<Tensor> SpectralNormalization::weights() const {
  std::vector<Tensor> all = inner_weights_();
  const std::vector<Tensor> own = state_->weights();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace hekla
