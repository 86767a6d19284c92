#include "train/model/bake.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graph/error.h"
#include "ops/create.h"
#include "train/files/atomic_file.h"
#include "train/model/state.h"
#include "train/model/steps.h"

namespace hekla {

namespace {

std::string name_of(const std::vector<std::string>& names, std::size_t number, std::size_t count,
                    const char* otherwise) {
  if (number < names.size()) return names[number];
  return count == 1 ? otherwise : fmt::format("{}_{}", otherwise, number);
}

void check_names(const std::vector<std::string>& names, std::size_t count, const char* what) {
  if (!names.empty() && names.size() != count)
    throw Error(
        fmt::format("[bake] {} {} names for {} {}s; give one for each.", names.size(), what, count, what));
}

// Inputs for `count` examples.
std::vector<BakedFunction::Input> inputs_for(const std::vector<Tensor>& like, std::int64_t count,
                                             const std::vector<std::string>& names, const char* otherwise) {
  std::vector<BakedFunction::Input> inputs;
  for (std::size_t i = 0; i < like.size(); ++i) {
    std::vector<std::int64_t> sizes(like[i].shape().begin(), like[i].shape().end());
    sizes[0] = count;
    const std::string name = name_of(names, i, like.size(), otherwise);
    inputs.push_back({name, input(name, Shape(sizes), like[i].dtype())});
  }
  return inputs;
}

std::vector<Tensor> tensors_of(const std::vector<BakedFunction::Input>& inputs) {
  std::vector<Tensor> tensors;
  for (const BakedFunction::Input& each : inputs) tensors.push_back(each.tensor);
  return tensors;
}

BakedFunction training_function(Model::State& state, const BakeOptions& options) {
  if (!options.like || options.like->targets().empty())
    throw Error("[bake] a training step needs to know its targets; give data as BakeOptions::like.");
  check_compiled(state, "bake");
  const Dataset& data = *options.like;
  BakedFunction::Variant variant{
      .computation = {},
      .inputs = inputs_for(data.inputs(), options.training_batch, options.input_names, "input")};
  const std::vector<BakedFunction::Input> targets =
      inputs_for(data.targets(), options.training_batch, {}, "target");
  const Batch batch{
      .inputs = tensors_of(variant.inputs), .targets = tensors_of(targets), .sample_weight = {}};
  RunningMetrics metrics;
  const TrainingStep step = training_step(state, data, metrics, {}, batch, options.training_batch);
  variant.inputs.insert(variant.inputs.end(), targets.begin(), targets.end());
  // Metrics are for people who watch.
  std::set<const Node*> sums;
  for (const Update& reset : metrics.reset()) sums.insert(reset.variable.get());
  variant.computation.outputs = {step.loss};
  for (const Update& update : step.computation.updates) {
    if (!sums.contains(update.variable.get())) variant.computation.updates.push_back(update);
  }
  return {.name = "step", .variants = {std::move(variant)}, .output_names = {"loss"}};
}

}  // namespace

void bake(const std::vector<BakedFunction>& functions, const std::filesystem::path& path,
          const BakeFormat& format) {
  const BakedSource source = bake_source(path.filename().string(), functions, format);
  const auto with = [&](const char* extension) { return std::filesystem::path(path.string() + extension); };
  if (!source.weights.empty()) {
    AtomicFile file(with(".weights"));
    file.write(source.weights);
    file.commit();
  }
  write_file(with(".cpp"), source.source);
  write_file(with(".h"), source.header);
}

void bake(const Model& model, const std::filesystem::path& path, const BakeOptions& options) {
  Model::State& state = state_of(model);
  const Network& network = built(state, "bake");
  const std::vector<Tensor>& like = options.like ? options.like->inputs() : network.inputs;
  if (options.like && options.like->is_generated())
    throw Error("[bake] BakeOptions::like is a generator; give a data set of tensors.");
  if (options.batch_sizes.empty()) throw Error("[bake] no batch size; give at least one.");
  check_names(options.input_names, like.size(), "input");
  check_names(options.output_names, network.outputs.size(), "output");
  BakedFunction predict{.name = "predict", .variants = {}};
  for (std::size_t i = 0; i < network.outputs.size(); ++i)
    predict.output_names.push_back(name_of(options.output_names, i, network.outputs.size(), "output"));
  for (const std::int64_t count : options.batch_sizes) {
    if (count < 1) throw Error(fmt::format("[bake] a batch of {}; a batch has at least one example.", count));
    BakedFunction::Variant variant{.computation = {},
                                   .inputs = inputs_for(like, count, options.input_names, "input")};
    const Batch batch{.inputs = tensors_of(variant.inputs), .targets = {}, .sample_weight = {}};
    variant.computation = prediction_step(state, options.like ? *options.like : Dataset(batch.inputs), batch);
    predict.variants.push_back(std::move(variant));
  }
  std::vector<BakedFunction> functions{std::move(predict)};
  if (options.training_batch > 0) functions.push_back(training_function(state, options));
  bake(functions, path,
       {.form = options.form,
        .width = options.width,
        .devices = options.devices,
        .most_inline_bytes = options.most_inline_bytes});
}

}  // namespace hekla
