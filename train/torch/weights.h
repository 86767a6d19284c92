// Weights between a model and a PyTorch module: names and layouts by rules that can be printed, replaced and
// narrowed down.
//
//   auto file = hk::torch::load("model.pt");
//   hk::torch::load_into(model, file.tensors, {.names = {{"fc1", "dense"}}});
//   hk::torch::save("model.safetensors", model, {.like = file.tensors});
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "train/model/model.h"
#include "train/torch/load.h"
#include "train/torch/rule.h"

namespace hekla::torch {

/// How a model's layers and PyTorch's modules are matched.
struct WeightOptions {
  /// Layers of modules, {"encoder.fc1", "dense"}. A module is what a state dict's names have before
  /// the last dot; the second layer of an LSTM of several is "lstm.l1". A parameter of its own,
  /// such as a token, and a variable of a model are given by their whole names.
  std::map<std::string, std::string> names = {};
  std::vector<std::string> skip = {};  ///< modules and layers that are left out
  /// The shapes, without the batch and channels last, that a Flatten before a layer flattened: {"dense",
  /// {7, 7, 64}}; {} for none. hekla finds those of two or more spatial axes itself. PyTorch flattens channels
  /// first: the rows of the layer's weights are reordered.
  std::map<std::string, Shape> flattened = {};
  std::map<std::string, Rule> rules = {};  ///< for types of layers, before hekla's own: see rules()
  /// For save: a state dict of the module, which gives the names.
  std::vector<NamedTensor> like = {};
};

/// A layer and the module it was matched with.
struct Match {
  std::string module, layer;
  std::string type;  ///< of the layer, "Dense"
  std::string rule;  ///< its text
};

/// "fc1 -> dense (Dense) Linear: ...", a line for each.
std::string to_text(const std::vector<Match>& matches);

/// Finds a module for each layer that has weights. They fit when the module has the parameters that the layer's
/// rule asks for, in the right shapes, and no others. `names` come first, then modules named as the layer
/// is; the others are taken in their order: a layer, in the order of calls, gets the first module left
/// that fits, in the order of `tensors`. Where layers of equal shapes are called in another order than PyTorch's
/// module lists them, give their names. num_batches_tracked is ignored. A layer without a rule, and a variable of the
/// model, take tensors of the same name ("token", "block.scale") or shape as they are.
///
/// Throws hekla::Error before the model is built, and one that lists all layers and modules which did not
/// find each other, and names that are none.
std::vector<Match> match(const Model& model, const std::vector<NamedTensor>& tensors,
                         const WeightOptions& options = {});

/// Assigns the tensors to the model's weights and returns what match() found. f16, bf16 and f32 become what the
/// weight is. Throws as match() does, and changes nothing then.
std::vector<Match> load_into(const Model& model, const std::vector<NamedTensor>& tensors,
                             const WeightOptions& options = {});

/// Writes the weights as a safetensors file with PyTorch's names and layouts, atomically:
/// `module.load_state_dict(safetensors.torch.load_file(path))` reads it. Modules are called as in `like`,
/// otherwise as `names` say, otherwise as the layers are ("dense.weight"). Throws hekla::Error before the
/// model is built, when it cannot be written, as match() does about `like`, and on names and layers that are not there.
void save(const std::filesystem::path& path, const Model& model, const WeightOptions& options = {});

}  // namespace hekla::torch
