// PyTorch's side of weights: the names of a state dict, grouped into modules.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "train/files/named_tensor.h"

namespace hekla::torch {

/// What one layer of hekla can take.
struct Module {
  std::string name;
  /// By the names that rules know: "weight", "out_proj.bias"; those of recurrent modules end with "_l0".
  /// A tensor of no known module is a module by itself, its parameter called "".
  std::map<std::string, Tensor> parameters;
  std::map<std::string, std::string> full_names;  ///< of the parameters in the state dict
};

/// In the order in which they first occur. num_batches_tracked is left out.
std::vector<Module> modules_of(std::span<const NamedTensor> tensors);

/// The name of a parameter in a state dict: that of its module, a dot, and its own.
std::string full_name(const std::string& module, const std::string& parameter);

}  // namespace hekla::torch
