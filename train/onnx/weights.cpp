// See weights.h.
#include "train/onnx/weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace hekla::onnx {

namespace {

// Operations by which of their inputs are trained.
struct Trained {
  std::string_view op_type;
  std::vector<std::size_t> inputs;
};

const std::vector<Trained>& trained_inputs() {
  static const std::vector<Trained> table = {
      {"BatchNormalization", {1, 2}},
      {"Conv", {1, 2}},
      {"ConvTranspose", {1, 2}},
      {"Einsum", {0, 1, 2}},
      {"GRU", {1, 2, 3}},
      {"Gather", {0}},
      {"Gemm", {0, 1, 2}},
      {"GroupNormalization", {1, 2}},
      {"InstanceNormalization", {1, 2}},
      {"LSTM", {1, 2, 3, 7}},
      {"LayerNormalization", {1, 2}},
      {"MatMul", {0, 1}},
      {"PRelu", {1}},
      {"RMSNormalization", {1}},
      {"RNN", {1, 2, 3}},
  };
  return table;
}

bool is_product(const NodeProto& node) {
  constexpr std::array products = {"MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum"};
  return std::ranges::find(products, node.op_type) != products.end();
}

// The names of tensors that products and normalizations read, and of those that are added to products.
std::set<std::string> trained_names(const std::vector<NodeProto>& nodes) {
  std::set<std::string> names;
  std::set<std::string> products;
  for (const NodeProto& node : nodes) {
    const auto row = std::ranges::find(trained_inputs(), node.op_type, &Trained::op_type);
    if (row != trained_inputs().end()) {
      for (const std::size_t input : row->inputs) {
        if (input < node.input.size()) names.insert(node.input[input]);
      }
    }
    if (is_product(node)) products.insert(node.output.begin(), node.output.end());
    if (node.op_type == "Add" && node.input.size() == 2) {
      if (products.contains(node.input[0])) names.insert(node.input[1]);
      if (products.contains(node.input[1])) names.insert(node.input[0]);
    }
  }
  // Weights whose elements are moved on their way there, as PyTorch does with the gates of an LSTM.
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    constexpr std::array views = {"Cast",  "Concat",  "Identity",  "Reshape",  "Slice",
                                  "Split", "Squeeze", "Transpose", "Unsqueeze"};
    const bool is_view = std::ranges::find(views, node->op_type) != views.end();
    const bool is_trained =
        std::ranges::any_of(node->output, [&](const std::string& output) { return names.contains(output); });
    if (is_view && is_trained) names.insert(node->input.begin(), node->input.end());
  }
  return names;
}

std::set<std::string> statistics_names(const std::vector<NodeProto>& nodes) {
  std::set<std::string> names;
  for (const NodeProto& node : nodes) {
    if (node.op_type != "BatchNormalization" || node.input.size() < 5) continue;
    names.insert(node.input.begin() + 3, node.input.begin() + 5);
  }
  return names;
}

}  // namespace

void untie(GraphProto& graph) {
  std::map<std::string, std::size_t> initializers;
  for (std::size_t i = 0; i < graph.initializer.size(); ++i)
    initializers.emplace(graph.initializer[i].name, i);
  std::vector<NodeProto> others;
  for (NodeProto& node : graph.node) {
    const bool is_identity = node.op_type == "Identity" && node.domain.empty() && node.input.size() == 1 &&
                             node.output.size() == 1;
    const auto found = is_identity ? initializers.find(node.input[0]) : initializers.end();
    if (found == initializers.end()) {
      others.push_back(std::move(node));
      continue;
    }
    TensorProto own = graph.initializer[found->second];
    own.name = node.output[0];
    initializers.emplace(own.name, graph.initializer.size());
    graph.initializer.push_back(std::move(own));
  }
  graph.node = std::move(others);
}

std::vector<Weight> take_weights(ModelProto& model,
                                 const std::function<bool(std::string_view)>& is_trainable) {
  const std::set<std::string> trained = trained_names(model.graph.node);
  const std::set<std::string> statistics = statistics_names(model.graph.node);
  std::vector<Weight> weights;
  for (TensorProto& initializer : model.graph.initializer) {
    if (!initializer.tensor.defined() || !is_float(initializer.tensor.dtype())) continue;
    const bool is_state = statistics.contains(initializer.name);
    const bool trainable =
        !is_state && (is_trainable ? is_trainable(initializer.name) : trained.contains(initializer.name));
    if (!trainable && !is_state) continue;
    const Tensor& initial = initializer.tensor;
    weights.push_back({initializer.name, initial.shape(), initial.dtype(), initial, trainable});
    initializer.tensor = {};
  }
  return weights;
}

}  // namespace hekla::onnx
