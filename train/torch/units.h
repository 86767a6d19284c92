// hekla's side of weights: the layers of a model with their rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/model/network.h"
#include "train/torch/weights.h"

namespace hekla::torch {

/// What takes one module: a layer, or a variable.
struct Unit {
  std::string name;  ///< of the layer; the label of a variable
  std::string type;
  Named weights;
  Rule rule;
};

/// Those of a built model, in the order of their first calls, variables of no layer last. Throws hekla::Error
/// `[caller] ...` when options name a layer that is not there.
std::vector<Unit> units_of(const Network& network, const WeightOptions& options, const std::string& caller);

}  // namespace hekla::torch
