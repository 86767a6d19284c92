// See network.h.
#include "train/model/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "autodiff/walk.h"
#include "graph/error.h"
#include "ops/create.h"

namespace hekla {

namespace {

std::vector<Tensor> variables_of(std::vector<Tensor> tensors) {
  std::erase_if(tensors, [](const Tensor& t) { return t.node().op->kind != Kind::variable; });
  return tensors;
}

// Files and optimizers know weights by their labels.
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

void build(Network& network, const std::vector<Tensor>& inputs) {
  const Mode training = Mode::training(random_key(0));
  std::vector<Tensor> roots = network.function(inputs, training);
  if (roots.empty()) throw Error("[model] the function returns no tensor; a model has an output.");
  for (const Tensor& root : roots) {
    if (!root.defined()) throw Error("[model] the function returns an empty tensor.");
  }
  const Trace& trace = training.trace();
  roots.insert(roots.end(), trace.losses.begin(), trace.losses.end());
  std::unordered_set<const Node*> updated, trained;
  for (const Update& update : trace.updates) updated.insert(update.variable.get());

  network.trainable.clear();
  network.state.clear();
  for (const Tensor& weight : variables_of(walk(roots, gradient_edges))) {
    if (weight.dtype() != DType::f32 || updated.contains(weight.get())) continue;
    network.trainable.push_back(weight);
    trained.insert(weight.get());
  }
  const Mode inference;
  network.outputs = network.function(inputs, inference);
  roots.insert(roots.end(), network.outputs.begin(), network.outputs.end());
  for (const Update& update : trace.updates) roots.insert(roots.end(), {update.variable, update.value});
  for (const Tensor& weight : variables(roots)) {
    if (!trained.contains(weight.get())) network.state.push_back(weight);
  }
  make_labels_unique(network.weights());
  network.layers = inference.trace().layers;
  network.inputs = inputs;
  network.is_built = true;
}

}  // namespace hekla
