// See layer_names.h.
#include "train/model/layer_names.h"

#include <unordered_set>

#include "train/layers/layer.h"

namespace hekla {

std::unordered_map<const Node*, std::string> layers_of(const std::vector<LayerRecord>& layers) {
  std::unordered_map<const Node*, std::string> names;
  std::unordered_set<const Node*> seen;
  for (const LayerRecord& record : layers) {
    for (const Tensor& input : record.inputs) seen.insert(input.get());
    std::vector<const Node*> open;
    for (const Tensor& output : record.outputs) open.push_back(output.get());
    while (!open.empty()) {
      const Node* node = open.back();
      open.pop_back();
      if (!seen.insert(node).second) continue;
      names.emplace(node, record.layer->name());
      for (const Tensor& input : node->inputs) open.push_back(input.get());
    }
  }
  return names;
}

}  // namespace hekla
