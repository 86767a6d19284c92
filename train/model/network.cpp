// See network.h.
#include "train/model/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "autodiff/walk.h"
#include "graph/error.h"
#include "ops/cast.h"
#include "ops/create.h"

namespace hekla {

namespace {

std::vector<Tensor> variables_of(std::vector<Tensor> tensors) {
  std::erase_if(tensors, [](const Tensor& t) { return t.node().op->kind != Kind::variable; });
  return tensors;
}

// Unique labels: files and optimizers identify weights by them.
void make_labels_unique(const std::vector<Tensor>& weights) {
  std::unordered_set<std::string> taken;
  for (const Tensor& weight : weights) {
    const std::string base = weight.node().label.empty() ? "variable" : weight.node().label;
    std::string label = base;
    for (int i = 1; !taken.insert(label).second; ++i) label = fmt::format("{}_{}", base, i);
    if (label != weight.node().label) weight.label(label);
  }
}

std::string shape_text(const Tensor& tensor) {
  std::string text = "(None";
  for (int axis = 1; axis < tensor.rank(); ++axis) text += fmt::format(", {}", tensor.size(axis));
  return text + (tensor.rank() == 1 ? ",)" : ")");
}

}  // namespace

std::string shapes_text(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const Tensor& tensor : tensors) text += (text.empty() ? "" : ", ") + shape_text(tensor);
  return tensors.size() > 1 ? "[" + text + "]" : text;
}

std::vector<Tensor> Network::weights() const {
  std::vector<Tensor> all = trainable;
  all.insert(all.end(), state.begin(), state.end());
  return all;
}

std::vector<Tensor> Network::operator()(const std::vector<Tensor>& inputs, const Mode& mode) const {
  const Walk walk(mode);
  std::vector<Tensor> outputs = function(inputs, mode);
  if (outputs.empty()) throw Error("[model] the function returns no tensor; a model has an output.");
  for (const Tensor& output : outputs) {
    if (!output.defined()) throw Error("[model] the function returns an empty tensor.");
  }
  return outputs;
}

namespace {

// One call, with all that it computed and recorded.
struct Call {
  Call(const Network& network, const std::vector<Tensor>& inputs, const Mode& by)
      : mode(by), outputs(network(inputs, mode)), roots(outputs) {
    const CallRecord& record = mode.record();
    roots.insert(roots.end(), record.losses.begin(), record.losses.end());
    for (const Update& update : record.updates) roots.insert(roots.end(), {update.variable, update.value});
  }

  Mode mode;
  std::vector<Tensor> outputs;
  std::vector<Tensor> roots;
};

// Throws where a weight of `call` occurs neither in the call of the other mode nor in a second call of the
// same mode: it is made anew each time.
void check_kept(const Network& network, const std::vector<Tensor>& inputs, const Call& call,
                const Call& other, const Mode& again) {
  const std::vector<Tensor> known = variables(other.roots);
  std::unordered_set<const Node*> kept;
  for (const Tensor& weight : known) kept.insert(weight.get());
  std::vector<Tensor> alone = variables(call.roots);
  std::erase_if(alone, [&](const Tensor& weight) { return kept.contains(weight.get()); });
  if (alone.empty()) return;
  const Call second(network, inputs, again);
  const std::vector<Tensor> found = variables(second.roots);
  for (const Tensor& weight : found) kept.insert(weight.get());
  for (const Tensor& weight : alone) {
    if (kept.contains(weight.get())) continue;
    const std::string& label = weight.node().label;
    throw Error(
        fmt::format("[model] '{}' makes {} anew at each call, so that no training would keep it; make its "
                    "layers and variables once, outside of the function, as members or captured.",
                    network.name, label.empty() ? "a variable" : "'" + label + "'"));
  }
}

// The weights that gradients reach, except those that layers make as state or set themselves.
std::vector<Tensor> trained_weights(const Call& training) {
  std::set<const Node*> state = training.mode.record().untrained;
  for (const Update& update : training.mode.record().updates) state.insert(update.variable.get());
  std::vector<Tensor> roots = training.outputs;
  const std::vector<Tensor>& losses = training.mode.record().losses;
  roots.insert(roots.end(), losses.begin(), losses.end());
  std::vector<Tensor> weights = variables_of(walk(roots, gradient_edges));
  std::erase_if(weights, [&](const Tensor& weight) {
    return weight.dtype() != DType::f32 || state.contains(weight.get());
  });
  return weights;
}

// The node whose elements these are, all of them, however they are moved or stored.
const Node* source_of(const Tensor& indices) {
  const Node* node = indices.get();
  while ((node->op == &cast_op && !is_float(node->inputs[0].dtype())) ||
         (node->op->kind == Kind::view && node->shape.count() >= node->inputs[0].count()))
    node = node->inputs[0].get();
  return node;
}

std::vector<IndexInput> index_inputs(const std::vector<Lookup>& lookups, const std::vector<Tensor>& inputs) {
  std::vector<IndexInput> found;
  for (const Lookup& lookup : lookups) {
    const Node* node = source_of(lookup.indices);
    const auto input = std::ranges::find(inputs, node, &Tensor::get);
    if (input != inputs.end() && !is_float(node->dtype))
      found.push_back({.input = static_cast<std::size_t>(input - inputs.begin()),
                       .rows = lookup.rows,
                       .layer = lookup.layer->name()});
  }
  return found;
}

}  // namespace

void build(Network& network, const std::vector<Tensor>& inputs) {
  const Mode in_training = Mode::training(random_key(0)), in_inference = Mode::inference();
  try {
    const Call training(network, inputs, in_training), inference(network, inputs, in_inference);
    check_kept(network, inputs, training, inference, Mode::training(random_key(0)));
    check_kept(network, inputs, inference, training, Mode::inference());

    network.trainable = trained_weights(training);
    std::unordered_set<const Node*> trained;
    for (const Tensor& weight : network.trainable) trained.insert(weight.get());
    std::vector<Tensor> roots = inference.outputs;
    roots.insert(roots.end(), training.roots.begin(), training.roots.end());
    network.state = variables(roots);
    std::erase_if(network.state, [&](const Tensor& weight) { return trained.contains(weight.get()); });
    make_labels_unique(network.weights());
    network.layers = in_inference.record().layers;
    network.calls = in_inference.record().known;
    network.indices = index_inputs(in_inference.record().lookups, inputs);
    network.outputs = inference.outputs;
    network.inputs = inputs;
    network.is_built = true;
  } catch (const Error& error) {
    forget_made(in_inference.record());
    forget_made(in_training.record());
    const std::string_view text = error.what();
    const bool shows_batch = !inputs.empty() && inputs[0].size(0) == placeholder_batch &&
                             text.find(fmt::format("[{}", placeholder_batch)) != std::string_view::npos;
    if (!shows_batch) throw;
    throw Error(fmt::format("{} (The model is being built: {} stands for the examples of a batch.)", text,
                            placeholder_batch));
  } catch (...) {
    forget_made(in_inference.record());
    forget_made(in_training.record());
    throw;
  }
}

}  // namespace hekla
