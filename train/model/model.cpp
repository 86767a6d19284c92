// See model.h; fit.cpp trains, evaluate.cpp tests and predicts, summary.cpp prints.
#include "train/model/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/model/state.h"

namespace hekla {

Model::Model(Layer function, ModelOptions options)
    : state_(std::make_shared<State>(State{.network = {.function = std::move(function)}})) {
  state_->as_layer = std::make_shared<LayerState>("Model", std::move(options.name));
  state_->network.name = state_->as_layer->name().empty() ? "model" : state_->as_layer->name();
  state_->seed = next_random_seed();
  state_->steps = variable(constant(0, {}, DType::u32), "steps");
}

Tensor Model::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_->as_layer, mode, {x});
  const std::vector<Tensor> outputs = call.done(state_->network({x}, mode));
  if (outputs.size() != 1)
    throw Error(fmt::format("[{}] gives {} tensors; a layer that is called with one gives one.",
                            state_->network.name, outputs.size()));
  return outputs[0];
}

namespace {

// What stands for which weight: `values` for all of them, or for the trainable ones.
std::map<const Node*, Tensor> replacements(const Network& network, const std::vector<Tensor>& values) {
  const std::vector<Tensor> all = network.weights();
  if (values.size() != all.size() && values.size() != network.trainable.size())
    throw Error(fmt::format("[{}] {} values for {} weights, of which {} are trainable; give one for each.",
                            network.name, values.size(), all.size(), network.trainable.size()));
  std::map<const Node*, Tensor> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].defined() || !(values[i].shape() == all[i].shape()) || values[i].dtype() != all[i].dtype())
      throw Error(fmt::format("[{}] {} cannot stand for {}; shape and dtype must be the weight's.",
                              network.name, values[i].defined() ? describe(values[i]) : "an empty tensor",
                              describe(all[i])));
    result.emplace(all[i].get(), values[i]);
  }
  return result;
}

}  // namespace

Tensor Model::operator()(const Tensor& x, const CallOptions& options) const {
  const Network& network = built(*state_, "model");
  CallRecord& record = options.mode.record();
  const std::size_t before = record.used.size();
  const auto others = std::exchange(record.replaced, replacements(network, options.weights.values()));
  Tensor y;
  try {
    y = (*this)(x, options.mode);
  } catch (...) {
    record.replaced = others;
    throw;
  }
  const auto replaced = std::exchange(record.replaced, others);
  for (const Tensor& weight : network.weights()) {
    const bool is_used = std::find(record.used.begin() + static_cast<std::ptrdiff_t>(before),
                                   record.used.end(), weight.get()) != record.used.end();
    if (replaced.contains(weight.get()) && !is_used)
      throw Error(
          fmt::format("[{}] {} is no weight of a layer, but a variable that the function holds, and has no "
                      "other value in a call; make the function one of the variable.",
                      network.name, describe(weight)));
  }
  return y;
}

std::int64_t ModelLayer::count_params() const {
  std::int64_t total = 0;
  for (const Tensor& weight : weights_) total += weight.count();
  return total;
}

void ModelLayer::trainable(bool trainable) {
  if (layer_->is_trainable() == trainable) return;
  layer_->set_trainable(trainable);
  static_cast<Model::State*>(state_.get())->is_freezing = true;
}

void ModelLayer::enable_lora(std::int64_t rank, std::optional<double> alpha) {
  layer_->enable_lora({.rank = rank, .alpha = alpha});
  static_cast<Model::State*>(state_.get())->is_freezing = true;
}

std::vector<ModelLayer> Model::layers() const {
  std::vector<ModelLayer> result;
  for (const LayerRecord& record : built(*state_, "layers").layers)
    result.push_back(ModelLayer(record.layer, record.weights, state_));
  return result;
}

ModelLayer Model::get_layer(std::string_view name) const {
  std::vector<std::string> names;
  for (ModelLayer& layer : layers()) {
    if (layer.name() == name) return std::move(layer);
    names.push_back("'" + layer.name() + "'");
  }
  throw Error(fmt::format("[get_layer] model '{}' has no layer '{}'; it has {}.", state_->network.name, name,
                          fmt::join(names, ", ")));
}

void Model::build(const Shape& input_shape, DType dtype) { build_all({input_shape}, dtype); }

void Model::build_all(const std::vector<Shape>& input_shapes, DType dtype) {
  std::vector<Tensor> inputs;
  for (const Shape& shape : input_shapes) inputs.push_back(batch_placeholder(shape, dtype));
  hekla::build(state_->network, inputs);
}

namespace {

// Sums are kept by name: two metrics of one name would be accumulated together.
void check_names(const CompileOptions& options) {
  std::set<std::string_view> taken{"loss"};
  const auto take = [&](std::string_view what, std::string_view name) {
    if (!taken.insert(name).second)
      throw Error(fmt::format(
          "[compile] the {} '{}' has the name of another, or of the loss; give each a name of its "
          "own.",
          what, name));
  };
  for (const Metric& metric : options.metrics) take("metric", metric.name());
  for (const Metric& metric : options.weighted_metrics) take("metric", metric.name());
  for (const std::vector<Metric>& of_output : options.metrics_by_output) {
    std::set<std::string_view> own = taken;
    for (const Metric& metric : of_output) {
      if (!own.insert(metric.name()).second)
        throw Error(fmt::format(
            "[compile] the metric '{}' of an output has the name of another, or of the loss; give each a "
            "name of its own.",
            metric.name()));
    }
  }
  for (const std::string& name : options.output_names) take("output", name);
}

// Layers may be given adapters without the model's knowledge.
bool has_lora(const Network& network) {
  return std::ranges::any_of(network.calls, [](const FirstCall& call) { return call.layer->has_lora(); });
}

}  // namespace

void Model::compile(CompileOptions options) {
  if (options.loss && !options.losses.empty())
    throw Error("[compile] both loss and losses are given; losses is for models of several outputs.");
  std::vector<Loss> losses = options.losses;
  if (options.loss) losses = {options.loss};
  if (losses.empty())
    throw Error("[compile] there is no loss; give one, such as hk::sparse_categorical_crossentropy.");
  if (!options.loss_weights.empty() && options.loss_weights.size() != losses.size())
    throw Error(fmt::format("[compile] {} loss_weights for {} losses; there is one for each.",
                            options.loss_weights.size(), losses.size()));
  if (!options.output_names.empty() && options.output_names.size() != losses.size())
    throw Error(fmt::format("[compile] {} output_names for {} losses; there is one for each.",
                            options.output_names.size(), losses.size()));
  if (!options.metrics_by_output.empty() && options.metrics_by_output.size() != losses.size())
    throw Error(fmt::format("[compile] {} metrics_by_output for {} losses; there is one list for each.",
                            options.metrics_by_output.size(), losses.size()));
  check_names(options);
  // Which weights are trained is found by a walk.
  if (std::exchange(state_->is_freezing, false) || has_lora(state_->network))
    hekla::build(state_->network, state_->network.inputs);
  state_->losses = std::move(losses);
  state_->options = std::move(options);
  state_->is_compiled = true;
}

void Model::stop_training() { state_->is_stopping = true; }

const std::string& Model::name() const { return state_->network.name; }
bool Model::is_built() const { return state_->network.is_built; }
std::vector<Tensor> Model::weights() const { return built(*state_, "weights").weights(); }
std::vector<Tensor> Model::trainable_weights() const { return built(*state_, "weights").trainable; }

std::int64_t Model::count_params() const {
  std::int64_t total = 0;
  for (const Tensor& weight : built(*state_, "count_params").weights()) total += weight.count();
  return total;
}

Optimizer& Model::optimizer() {
  check_compiled(*state_, "optimizer");
  return state_->options.optimizer;
}

const Network& built(const Model::State& state, std::string_view caller) {
  if (!state.network.is_built)
    throw Error(
        fmt::format("[{}] model '{}' has no weights yet; call build() with the shape of its input, or "
                    "begin with hk::Input, or fit it first.",
                    caller, state.network.name));
  return state.network;
}

void check_compiled(const Model::State& state, std::string_view caller) {
  if (!state.is_compiled)
    throw Error(fmt::format("[{}] model '{}' is not compiled; call compile() with a loss first.", caller,
                            state.network.name));
  if (state.is_freezing)
    throw Error(fmt::format("[{}] layers of model '{}' were frozen or unfrozen; call compile() again.",
                            caller, state.network.name));
}

namespace {

Layer chain(const std::shared_ptr<std::vector<Layer>>& layers) {
  return [layers](const std::vector<Tensor>& inputs, const Mode& mode) {
    std::vector<Tensor> x = inputs;
    std::unordered_map<const Node*, std::size_t> places;  // the position of the layer that uses a weight
    std::size_t place = 0, used = mode.record().used.size();
    for (const Layer& layer : *layers) {
      CallRecord& record = mode.record();
      const std::int64_t before = record.calls;
      const std::vector<Tensor> given = x;
      x = layer(x, mode);
      // A plain function records nothing, but has its line in the summary.
      const bool silent = record.calls == before && !layer.placeholder().defined();
      if (silent) x = layer.note(given, x, mode);
      for (; used < record.used.size(); ++used) {
        const Node* weight = record.used[used];
        const auto [first, is_new] = places.emplace(weight, place);
        if (!is_new && first->second != place)
          throw Error(
              fmt::format("[sequential] layers {} and {} are one layer: both use '{}', as copies of a layer "
                          "share its weights. Make a layer for each place; to share them, write a hk::Model "
                          "of a function.",
                          first->second, place, weight->label));
      }
      ++place;
    }
    return x;
  };
}

}  // namespace

Sequential::Sequential(std::initializer_list<Layer> layers, ModelOptions options)
    : Sequential(std::make_shared<std::vector<Layer>>(layers), std::move(options)) {}

Sequential::Sequential(std::vector<Layer> layers, ModelOptions options)
    : Sequential(std::make_shared<std::vector<Layer>>(std::move(layers)), std::move(options)) {}

Sequential::Sequential(std::shared_ptr<std::vector<Layer>> layers, ModelOptions options)
    : Model(chain(layers), options), layers_(std::move(layers)) {
  state_of(*this).as_layer = std::make_shared<LayerState>("Sequential", options.name);
  state_of(*this).network.name = options.name.empty() ? "sequential" : options.name;
  build_if_known();
}

void Sequential::add(Layer layer) {
  if (is_built() && !layers_->front().placeholder().defined())
    throw Error(fmt::format("[add] model '{}' is built already; add layers before.", name()));
  layers_->push_back(std::move(layer));
  build_if_known();
}

void Sequential::build_if_known() {
  if (!layers_->empty() && layers_->front().placeholder().defined())
    hekla::build(state_of(*this).network, {layers_->front().placeholder()});
}

}  // namespace hekla
