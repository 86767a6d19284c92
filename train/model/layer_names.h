// Which layer makes each node of a model's graph.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "train/layers/mode.h"

namespace hekla {

/// The names of the layers that make nodes; nodes between layers and those of gradients have none.
std::unordered_map<const Node*, std::string> layers_of(const std::vector<LayerRecord>& layers);

}  // namespace hekla
