// Model::to_dot and Model::plot.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

#include "train/files/atomic_file.h"
#include "train/model/state.h"

namespace hekla {

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

// The layers, or inputs of the model (-1 - position), from whose results `from` is computed.
class Sources {
 public:
  explicit Sources(const Network& network) : network_(network) {}

  std::vector<int> of(const std::vector<Tensor>& from, int before) const {
    std::vector<int> found;
    std::unordered_set<const Node*> seen;
    std::vector<const Node*> open;
    for (const Tensor& tensor : from) open.push_back(tensor.get());
    while (!open.empty()) {
      const Node* node = open.back();
      open.pop_back();
      if (!seen.insert(node).second) continue;
      if (const auto maker = maker_of(node, before)) {
        found.push_back(*maker);
        continue;
      }
      for (const Tensor& input : node->inputs) open.push_back(input.get());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  // The last layer before `before` that returned this tensor: some layers return their input.
  std::optional<int> maker_of(const Node* node, int before) const {
    for (int i = before - 1; i >= 0; --i) {
      for (const Tensor& output : network_.layers[static_cast<std::size_t>(i)].outputs) {
        if (output.get() == node) return i;
      }
    }
    for (std::size_t i = 0; i < network_.inputs.size(); ++i) {
      if (network_.inputs[i].get() == node) return -1 - static_cast<int>(i);
    }
    return std::nullopt;
  }

  const Network& network_;
};

std::string id(int source) {
  return source < 0 ? fmt::format("input{}", -1 - source) : fmt::format("layer{}", source);
}

}  // namespace

std::string Model::to_dot() const {
  const Network& network = built(*state_, "plot");
  std::string text = fmt::format(
      "digraph \"{}\" {{\n  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n",
      escaped(network.name));
  for (std::size_t i = 0; i < network.inputs.size(); ++i)
    text += fmt::format("  input{} [label=\"input\\n{}\", style=\"rounded,dashed\"];\n", i,
                        shapes_text({network.inputs[i]}));
  const Sources sources(network);
  const int count = static_cast<int>(network.layers.size());
  for (int i = 0; i < count; ++i) {
    const LayerRecord& record = network.layers[static_cast<std::size_t>(i)];
    std::int64_t parameters = 0;
    for (const Tensor& weight : record.weights) parameters += weight.count();
    text += fmt::format("  layer{} [label=\"{} ({})\\n{}{}\"];\n", i, escaped(record.layer->name()),
                        record.layer->type(), shapes_text(record.outputs),
                        parameters > 0 ? fmt::format("\\n{} parameters", parameters) : "");
    for (const int source : sources.of(record.inputs, i))
      text += fmt::format("  {} -> layer{};\n", id(source), i);
  }
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    text += fmt::format("  output{} [label=\"output\\n{}\", style=\"rounded,dashed\"];\n", i,
                        shapes_text({network.outputs[i]}));
    for (const int source : sources.of({network.outputs[i]}, count))
      text += fmt::format("  {} -> output{};\n", id(source), i);
  }
  return text + "}\n";
}

void Model::plot(const std::filesystem::path& path) const { write_file(path, to_dot()); }

}  // namespace hekla
