// The state of a model between calls.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "train/model/model.h"
#include "train/model/network.h"

namespace hekla {

struct Model::State {
  Network network;
  std::shared_ptr<LayerState> as_layer;  ///< for use as a layer of another model
  bool is_compiled = false;
  bool is_freezing = false;  ///< layers were frozen or unfrozen since compile()
  CompileOptions options;
  std::vector<Loss> losses;  ///< one for each output
  std::uint32_t seed = 0;    ///< seeds the order of examples and the draws of layers
  Tensor steps;              ///< u32 scalar variable: training steps made
  int epochs = 0;            ///< epochs trained
  bool is_stopping = false;
  std::vector<CallbackState> callback_states;  ///< as of the end of those epochs
};

inline Model::State& state_of(const Model& model) { return *model.state_; }

/// Throws hekla::Error `[caller] ...` unless the model is built.
const Network& built(const Model::State& state, std::string_view caller);
/// Throws hekla::Error `[caller] ...` unless the model is compiled.
void check_compiled(const Model::State& state, std::string_view caller);

}  // namespace hekla
