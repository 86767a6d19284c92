// Rules: how the weights of a layer and the parameters of a PyTorch module are made from each other.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla::torch {

/// Tensors by their names in a layer ("kernel") or in a module ("weight").
using Named = std::map<std::string, Tensor>;

/// Both directions of a layer's type. What the functions return is not computed before it is needed.
struct Rule {
  std::string text;  ///< for people: "weight [out, in] is kernel [in, out] transposed; bias"
  /// The parameters of the module, all of those that its state dict must hold.
  std::function<Named(const Named& weights)> to_torch;
  /// The weights of the layer, given the parameters and, for their shapes, the present weights.
  std::function<Named(const Named& parameters, const Named& weights)> from_torch;
};

/// The rules for the built-in layers by their types, "Dense".
const std::map<std::string, Rule>& rules();

/// The rules as a table: type, module, what becomes of the parameters.
std::string rules_text();

/// Of a layer that hekla::Bidirectional runs both ways: the weights have "forward/" and "backward/" before
/// their names, the parameters of the second "_reverse" after them.
Rule both_directions(const Rule& one);

}  // namespace hekla::torch
