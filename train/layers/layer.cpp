// See layer.h.
#include "train/layers/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "train/key_as_data.h"
#include "train/layers/lora_parts.h"

namespace hekla {

namespace {

// Thread-local: with one stream for all threads, the draws of a model would depend on which thread comes
// first.
struct SeedStream {
  std::uint64_t seed = 0;
  std::uint32_t drawn = 0;
  bool started = false;
};
constinit thread_local SeedStream seeds{};
constinit std::atomic<std::uint64_t> latest_seed = 0;

// "MultiHeadAttention" to "multi_head_attention", "Conv2D" to "conv2d", "LSTM" to "lstm": as Keras.
std::string snake_case(std::string_view type) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string name;
  for (std::size_t i = 0; i < type.size(); ++i) {
    const bool starts_word = i > 0 && upper(type[i]) && i + 1 < type.size() && lower(type[i + 1]);
    const bool ends_word = i > 0 && upper(type[i]) && lower(type[i - 1]);
    if (starts_word || ends_word) name += '_';
    name += upper(type[i]) ? static_cast<char>(type[i] - 'A' + 'a') : type[i];
  }
  return name;
}

bool is_known(const CallRecord& record, const std::shared_ptr<LayerState>& layer) {
  return std::ranges::find(record.known, layer, &FirstCall::layer) != record.known.end();
}

bool is_taken(const CallRecord& record, std::string_view name) {
  return std::ranges::any_of(record.known, [&](const FirstCall& call) { return call.layer->name() == name; });
}

std::string free_name(const CallRecord& record, std::string_view type) {
  const std::string base = snake_case(type);
  std::string name = base;
  for (int i = 1; is_taken(record, name); ++i) name = fmt::format("{}_{}", base, i);
  return name;
}

}  // namespace

void set_random_seed(std::uint64_t seed) {
  latest_seed = seed;
  seeds = {.seed = seed, .drawn = 0, .started = true};
}

std::uint32_t next_random_seed() {
  if (!seeds.started) seeds = {.seed = latest_seed, .drawn = 0, .started = true};
  const auto low = static_cast<std::uint32_t>(seeds.seed);
  const auto high = static_cast<std::uint32_t>(seeds.seed >> 32);
  return philox({seeds.drawn++, 0, 0, 0}, {low, high})[0];
}

LayerState::LayerState(std::string type, std::string name, bool trainable)
    : type_(std::move(type)), name_(std::move(name)), named_(!name_.empty()), trainable_(trainable) {}

std::string LayerState::display_name() const { return name_.empty() ? snake_case(type_) : name_; }

std::vector<Tensor> LayerState::weights() const {
  std::vector<Tensor> all;
  for (const bool trainable : {true, false}) {
    for (const Weight& weight : weights_) {
      if (weight.trainable == trainable) all.push_back(weight.variable);
    }
  }
  return all;
}

const LayerState::Weight* LayerState::find(std::string_view name) const {
  const auto found = std::ranges::find(weights_, name, &Weight::name);
  return found == weights_.end() ? nullptr : &*found;
}

std::map<std::string, Tensor> LayerState::named_weights() const {
  std::map<std::string, Tensor> named;
  for (const Weight& weight : weights_) named.emplace(weight.name, weight.variable);
  return named;
}

void forget_made(CallRecord& record) {
  for (; !record.made.empty(); record.made.pop_back()) record.made.back()->weights_.pop_back();
}

LayerCall::LayerCall(std::shared_ptr<LayerState> state, const Mode& mode, std::vector<Tensor> inputs)
    : state_(std::move(state)), mode_(mode), inputs_(std::move(inputs)) {
  CallRecord& record = mode_.record();
  ++record.calls;
  for (const Tensor& input : inputs_) {
    if (!input.defined())
      throw Error(fmt::format("[{}] is called with an empty tensor; assign it a value first.",
                              state_->name_.empty() ? state_->type_ : state_->name_));
  }
  if (!is_known(record, state_)) {
    if (state_->name_.empty() || (!state_->named_ && is_taken(record, state_->name_)))
      state_->name_ = free_name(record, state_->type_);
    else if (is_taken(record, state_->name_))
      throw Error(fmt::format("[model] two layers are called '{}'; names must be unique.", state_->name_));
    record.known.push_back({.layer = state_, .input = inputs_.empty() ? Tensor() : inputs_[0]});
    if (record.open.empty()) record.layers.push_back({.layer = state_});
  }
  record.open.push_back(state_);
}

LayerCall::~LayerCall() { mode_.record().open.pop_back(); }

// The layer's weight itself, made at the first call.
Tensor LayerCall::kept(std::string_view name, const Shape& shape, const Initializer& initializer,
                       const WeightOptions& options) const {
  mode_.check_handed_on();
  if (const LayerState::Weight* found = state_->find(name)) return found->variable;
  // Outer layers come first in the label, by which files identify the weight.
  std::string label;
  for (const auto& layer : mode_.record().open) label += layer->name() + "/";
  if (!state_->seed_) state_->seed_ = next_random_seed();
  // As data, so that weights of equal shapes are initialized by one kernel.
  const RandomKey key = key_as_data(*state_->seed_, static_cast<std::uint32_t>(state_->weights_.size()));
  Tensor made = variable(initializer(shape, key), label + std::string(name));
  if (!(made.shape() == shape) || made.dtype() != DType::f32)
    throw Error(fmt::format("[{}] the initializer of {} gives {}; f32{} is needed.", state_->name_, name,
                            describe(made), to_string(shape)));
  state_->weights_.push_back({std::string(name), made, options.trainable, options.takes_lora});
  mode_.record().made.push_back(state_);
  return made;
}

// What stands for a weight in this call.
Tensor LayerCall::value_of(const Tensor& weight) const {
  note_weight(weight);
  const auto replaced = mode_.record().replaced.find(weight.get());
  return replaced != mode_.record().replaced.end() ? replaced->second : weight;
}

Tensor LayerCall::weight(std::string_view name, const Shape& shape, const Initializer& initializer,
                         const WeightOptions& options) const {
  const Tensor made = kept(name, shape, initializer, options), value = value_of(made);
  if (!(made.shape() == shape)) {
    const std::string given = inputs_.empty() ? "other inputs" : describe(inputs_[0]);
    throw Error(
        fmt::format("[{}] is called with {}, for which its {} would be {}; it was built as {}. Inputs must "
                    "keep the shape "
                    "of the first call, but for the batch.",
                    state_->name_, given, name, to_string(shape), to_string(made.shape())));
  }
  if (!options.trainable) {
    mode_.record().untrained.insert(made.get());
    return value;
  }
  if (options.takes_lora && state_->lora_) return adapted(name, value, options);
  if (is_frozen()) return stop_gradient(value);
  // A weight that is used several times is regularized once.
  auto& regularized = mode_.record().regularized;
  if (options.regularizer && std::ranges::find(regularized, made.get()) == regularized.end()) {
    regularized.push_back(made.get());
    mode_.add_loss(options.regularizer(value));
  }
  if (options.constraint && mode_.is_training()) {
    auto& constrained = mode_.record().constrained;
    const bool noted = std::any_of(constrained.begin(), constrained.end(),
                                   [&](const Constrained& c) { return c.weight.get() == made.get(); });
    if (!noted) constrained.push_back({made, options.constraint});
  }
  return value;
}

// The frozen weight with its adapter, which is made at the first call.
Tensor LayerCall::adapted(std::string_view name, const Tensor& value, const WeightOptions& options) const {
  if (options.constraint) {
    throw Error(
        fmt::format("[{}] {} has a constraint, which an adapter would not keep; enable_lora is for weights "
                    "without one.",
                    state_->name_, name));
  }
  const LoraOptions& lora = *state_->lora_;
  Shape of_a = value.shape();
  of_a[of_a.rank() - 1] = lora.rank;
  const auto part = [&](std::string_view which, const Shape& shape, const Initializer& initializer) {
    const Tensor x = value_of(kept(adapter_name(name, which), shape, initializer, {}));
    return is_inside_frozen() ? stop_gradient(x) : x;
  };
  return LoraAdapter{stop_gradient(value), part("a", of_a, lora.a_initializer),
                     part("b", Shape{lora.rank, value.size(-1)}, "zeros"), scale_of(lora)}
      .adapted();
}

bool LayerCall::is_frozen() const { return state_->trains_adapters_only_ || is_inside_frozen(); }

bool LayerCall::is_inside_frozen() const {
  return std::ranges::any_of(mode_.record().open, [](const auto& layer) { return !layer->trainable_; });
}

// The outermost layer counts the weights of its inner layers as its own.
void LayerCall::note_weight(const Tensor& weight) const {
  CallRecord& record = mode_.record();
  record.used.push_back(weight.get());
  for (LayerRecord& layer : record.layers) {
    if (layer.layer != record.open.front()) continue;
    const bool noted = std::any_of(layer.weights.begin(), layer.weights.end(),
                                   [&](const Tensor& w) { return w.get() == weight.get(); });
    if (!noted) layer.weights.push_back(weight);
  }
}

void LayerCall::looks_up(const Tensor& indices, std::int64_t rows) const {
  mode_.record().lookups.push_back({.indices = indices, .rows = rows, .layer = state_});
}

Tensor LayerCall::done(const Tensor& output) { return done(std::vector<Tensor>{output})[0]; }

std::vector<Tensor> LayerCall::done(std::vector<Tensor> outputs) {
  // With two axes, what a layer treats alike are examples, not times.
  if (const Tensor mask = keeps_mask_ ? mode_.mask_of(inputs_[0]) : Tensor();
      mask.defined() && inputs_[0].rank() > 2)
    mode_.set_mask(outputs[0], mask);
  for (LayerRecord& record : mode_.record().layers) {
    if (record.layer != state_ || !record.outputs.empty()) continue;
    record.inputs = inputs_;
    record.outputs = outputs;
  }
  return outputs;
}

Tensor batch_placeholder(const Shape& example, DType dtype, std::int64_t batch) {
  Shape shape{batch};
  for (const std::int64_t size : example) shape.push_back(size);
  return input("input", shape, dtype);
}

Tensor as_float(const Tensor& x) { return x.defined() && !is_float(x.dtype()) ? cast(x, DType::f32) : x; }

Tensor Layer::operator()(const Tensor& x, const Mode& mode) const {
  std::vector<Tensor> outputs = function_({x}, mode);
  if (outputs.size() != 1)
    throw Error(fmt::format("[layer] {} tensors come out of what should give one.", outputs.size()));
  return outputs[0];
}

std::vector<Tensor> Layer::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  return function_(inputs, mode);
}

std::vector<Tensor> Layer::note(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                                const Mode& mode) const {
  return LayerCall(lambda_, mode, inputs).done(outputs);
}

const Tensor& Layer::only(const std::vector<Tensor>& inputs) {
  if (inputs.size() != 1)
    throw Error(fmt::format("[layer] {} tensors are given to a function of one.", inputs.size()));
  return inputs[0];
}

}  // namespace hekla
