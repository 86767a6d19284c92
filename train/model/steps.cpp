// See steps.h.
#include "train/model/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "autodiff/grad.h"
#include "autodiff/walk.h"
#include "graph/error.h"
#include "graph/node_map.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/model/probe.h"
#include "train/model/state.h"

namespace hekla {

namespace {

// Targets in the shape that an output and its loss need, by Keras's rules. An axis of size 1 at the end is
// added where the output has one. It is dropped where the output has none, or where labels meet scores.
// Labels of any dtype are integers, as check_labels verified.
Tensor aligned(const Tensor& targets, const Tensor& output, const Loss& loss) {
  const int more = output.rank() - targets.rank();
  if (loss.takes_labels()) {
    const Tensor labels = more == 0 && targets.size(-1) == 1 ? squeeze(targets, {-1}) : targets;
    const bool is_cast = is_float(labels.dtype()) || labels.dtype() == DType::boolean;
    return is_cast && labels.rank() + 1 == output.rank() ? cast(labels, i32) : labels;
  }
  if (more == 1 && output.size(-1) == 1) return expand_dims(targets, -1);
  const bool ends_in_one = targets.rank() > 1 && targets.size(-1) == 1;
  if (more == -1 && ends_in_one) return squeeze(targets, {-1});
  if (more == 0 && ends_in_one && output.size(-1) > 1 && !is_float(targets.dtype()))
    return squeeze(targets, {-1});
  return targets;
}

// The outputs for a batch, one for each loss. Maps the batch, and aligns its targets with the outputs.
std::vector<Tensor> outputs_of(const Model::State& state, const Dataset& data, Batch& batch,
                               const Mode& mode) {
  batch = data.mapped(std::move(batch), mode);
  std::vector<Tensor> outputs = state.network(batch.inputs, mode);
  if (outputs.size() != state.losses.size())
    throw Error(fmt::format("[model] {} outputs and {} losses; compile() with one loss for each output.",
                            outputs.size(), state.losses.size()));
  if (batch.targets.size() != outputs.size())
    throw Error(fmt::format("[model] {} outputs, but the data has {} targets; there is one for each.",
                            outputs.size(), batch.targets.size()));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].rank() > 0) batch.targets[i] = aligned(batch.targets[i], outputs[i], state.losses[i]);
  }
  return outputs;
}

// Weights of the samples: those given times their class weights; empty where all count as 1.
Tensor sample_weights(const Batch& batch, const Tensor& class_weights) {
  if (!class_weights.defined()) return batch.sample_weight;
  if (batch.targets.size() != 1)
    throw Error(fmt::format("[fit] class_weight is for models of one output, not of {}; give sample_weight.",
                            batch.targets.size()));
  const Tensor& targets = batch.targets[0];
  if (!is_one_hot(targets) && targets.count() != targets.size(0))
    throw Error(
        fmt::format("[fit] class_weight needs one label for each sample, or a number for each class; the "
                    "targets are {}.",
                    describe(targets)));
  const Tensor labels =
      is_one_hot(targets) ? argmax(targets) : cast(reshape(targets, {targets.size(0)}), i32);
  // The last entry is for all labels without a class weight.
  const auto others = static_cast<std::int32_t>(class_weights.size(0) - 1);
  const Tensor weights = gather(class_weights, where(labels >= 0, labels, others));
  return batch.sample_weight.defined() ? weights * batch.sample_weight : weights;
}

std::string output_name(const Model::State& state, std::size_t output) {
  if (!state.options.output_names.empty()) return state.options.output_names[output];
  return fmt::format("output_{}", output);
}

// What the samples of an output weigh: `weights` [batch], or empty, at the times that its mask counts.
Tensor at_counted_times(const Tensor& weights, const Tensor& mask) {
  if (!mask.defined()) return weights;
  const Tensor counts = cast(mask, f32);
  return weights.defined() ? counts * expand_dims(weights, 1) : counts;
}

// The same for a loss, which divides by the number of all times: Keras's mean is over those that count.
Tensor in_mean(const Tensor& weights, const Tensor& mask) {
  if (!mask.defined()) return weights;
  const Tensor counted = sum(cast(mask, f32));
  return at_counted_times(weights, mask) * (static_cast<double>(mask.count()) / maximum(counted, 1));
}

// The loss without what layers add, and the updates of all metrics.
struct Measured {
  Tensor loss;
  std::vector<Update> updates;
};
Measured measure(const Model::State& state, RunningMetrics& running, const Batch& batch,
                 const std::vector<Tensor>& outputs, const Tensor& weights, const Mode& mode) {
  Measured measured;
  const bool several = outputs.size() > 1;
  const auto append = [&](std::vector<Update> updates) {
    measured.updates.insert(measured.updates.end(), updates.begin(), updates.end());
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!state.losses[i]) continue;
    const std::string prefix = several ? output_name(state, i) + "_" : "";
    // A prediction of one number for each time has no mask that its loss could use.
    const Tensor mask = outputs[i].rank() > 2 ? mode.mask_of(outputs[i]) : Tensor();
    const Tensor of_loss = in_mean(weights, mask);
    const std::vector<Tensor> given{batch.targets[i], outputs[i], of_loss};
    probe("loss", several ? "of output '" + output_name(state, i) + "'" : "", given,
          [&](const std::vector<Tensor>& like) {
            return std::vector<Tensor>{state.losses[i](like[0], like[1], like[2])};
          });
    Tensor loss = state.losses[i](batch.targets[i], outputs[i], of_loss);
    const auto add = [&](const Metric& metric, const Tensor& weight) {
      const std::string name = prefix + metric.name();
      probe("metric", "metric '" + name + "'", {batch.targets[i], outputs[i], weight},
            [&](const std::vector<Tensor>& like) { return metric.measure(like[0], like[1], like[2]); });
      append(running.add(name, metric, batch.targets[i], outputs[i], weight));
    };
    if (several)
      append(running.add(prefix + "loss", mean_metric("loss", [&](auto&, auto&) { return loss; }),
                         batch.targets[i], outputs[i], {}));
    if (!state.options.loss_weights.empty()) loss = loss * state.options.loss_weights[i];
    measured.loss = measured.loss.defined() ? measured.loss + loss : loss;
    for (const Metric& metric : state.options.metrics) add(metric, at_counted_times({}, mask));
    for (const Metric& metric : state.options.weighted_metrics) add(metric, at_counted_times(weights, mask));
    if (state.options.metrics_by_output.empty()) continue;
    for (const Metric& metric : state.options.metrics_by_output[i]) add(metric, at_counted_times({}, mask));
  }
  if (!measured.loss.defined()) throw Error("[model] no output has a loss; compile() with one at least.");
  return measured;
}

// The loss of a step: the measured loss plus what layers add, such as regularization.
Tensor total(const Tensor& measured, const Mode& mode) {
  Tensor loss = measured;
  for (const Tensor& added : mode.record().losses) loss = loss + added;
  return loss;
}

void check_depends(const Tensor& loss, const std::vector<Tensor>& weights) {
  NodeSet trained;
  for (const Tensor& weight : weights) trained.add(weight.get());
  const std::vector<Tensor> on_the_way = walk({&loss, 1}, gradient_edges);
  if (std::ranges::none_of(on_the_way, [&](const Tensor& x) { return trained.contains(x.get()); }))
    throw Error(
        "[fit] the loss depends on no weight of the model, so that nothing would be learned; it must be "
        "computed from the predictions, by operations and not by values (to_vector, item, detach).");
}

// Applies the constraints to the new values of weights.
void constrain(std::vector<Update>& updates, const std::vector<Constrained>& constrained) {
  for (const Constrained& one : constrained) {
    for (Update& update : updates) {
      if (update.variable.get() == one.weight.get()) update.value = one.constraint(update.value);
    }
  }
}

}  // namespace

bool is_one_hot(const Tensor& targets) { return targets.rank() == 2 && targets.size(1) != 1; }

void build_for(Model::State& state, const Dataset& data, std::int64_t batch_size) {
  if (state.network.is_built) return;
  Batch stored{.inputs = data.inputs(), .targets = data.targets(), .sample_weight = data.sample_weight()};
  if (data.is_generated()) {
    std::optional<Batch> batch = data.generator()()();
    if (!batch) throw Error("[generator] it gives no batch; at least one is needed.");
    stored = std::move(*batch);
  }
  const auto placeholder = [&](const Tensor& elements) {
    const std::vector<std::int64_t> sizes(elements.shape().begin() + 1, elements.shape().end());
    const std::int64_t batch = data.is_generated() ? elements.size(0) : std::min(batch_size, data.size());
    return batch_placeholder(Shape(sizes), elements.dtype(), std::max(batch, placeholder_batch));
  };
  // A map of whole batches sees targets here, too, as it does in training.
  Batch batch;
  for (const Tensor& input : stored.inputs) batch.inputs.push_back(placeholder(input));
  for (const Tensor& target : stored.targets) batch.targets.push_back(placeholder(target));
  if (stored.sample_weight.defined()) batch.sample_weight = placeholder(stored.sample_weight);
  build(state.network, data.mapped(std::move(batch), Mode::inference()).inputs);
}

Tensor class_weight_table(const std::map<int, double>& class_weight) {
  if (class_weight.empty()) return {};
  const int last = class_weight.rbegin()->first;
  for (const auto& [label, weight] : class_weight) {
    if (label < 0 || label > 1'000'000 || !std::isfinite(weight) || weight < 0)
      throw Error(
          fmt::format("[fit] class_weight of {} is {}; labels are not negative and at most 1,000,000, "
                      "weights finite and not negative.",
                      label, weight));
  }
  // An index beyond the table is clamped to the last entry, which is for all other labels.
  std::vector<double> table(static_cast<std::size_t>(last) + 2, 1.0);
  for (const auto& [label, weight] : class_weight) table[static_cast<std::size_t>(label)] = weight;
  return tensor(table);
}

TrainingStep training_step(Model::State& state, const Dataset& data, RunningMetrics& metrics,
                           const Tensor& class_weights, const Batch& given, std::int64_t size) {
  Batch batch = given;
  // The seed is data: as a constant, each seed would need its own kernel.
  const Tensor seed = tensor(std::vector<std::uint32_t>{state.seed}, {});
  const Mode mode = Mode::training({seed, state.steps});
  const std::vector<Tensor> outputs = outputs_of(state, data, batch, mode);
  Measured measured = measure(state, metrics, batch, outputs, sample_weights(batch, class_weights), mode);
  const Tensor loss = total(measured.loss, mode);

  const std::vector<Tensor>& weights = state.network.trainable;
  if (weights.empty()) throw Error("[fit] the model has no weights to train.");
  check_depends(loss, weights);
  Optimizer& optimizer = state.options.optimizer;
  std::vector<Update> updates = optimizer.step(weights, grad(optimizer.scale_loss(loss), weights));
  constrain(updates, mode.record().constrained);
  const auto append = [&](const std::vector<Update>& more) {
    updates.insert(updates.end(), more.begin(), more.end());
  };
  append(mode.record().updates);
  append(metrics.add_loss(loss, size));
  append(measured.updates);
  updates.push_back({state.steps, state.steps + 1});
  return {.computation = {.updates = std::move(updates)}, .loss = loss, .layers = mode.record().layers};
}

Computation test_step(Model::State& state, const Dataset& data, RunningMetrics& metrics, const Batch& given,
                      std::int64_t size) {
  Batch batch = given;
  const Mode mode = Mode::inference();
  const std::vector<Tensor> outputs = outputs_of(state, data, batch, mode);
  Measured measured = measure(state, metrics, batch, outputs, batch.sample_weight, mode);
  std::vector<Update> updates = metrics.add_loss(total(measured.loss, mode), size);
  updates.insert(updates.end(), measured.updates.begin(), measured.updates.end());
  return {.updates = std::move(updates)};
}

Computation prediction_step(Model::State& state, const Dataset& data, const Batch& batch) {
  const Mode mode = Mode::inference();
  return {.outputs = state.network(data.mapped(batch, mode).inputs, mode)};
}

}  // namespace hekla
