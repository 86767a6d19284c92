// What a model keeps between calls.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "train/model/model.h"
#include "train/model/network.h"

namespace hekla {

struct Model::State {
  Network network;
  std::shared_ptr<LayerState> as_layer;  ///< when it is a layer of another model
  bool is_compiled = false;
  CompileOptions options;
  std::vector<Loss> losses;  ///< one for each output
  std::uint32_t seed = 0;    ///< decides the order of examples and what layers draw
  Tensor steps;              ///< u32 scalar variable: training steps made
  int epochs = 0;            ///< epochs trained
  bool is_stopping = false;
  std::vector<CallbackState> callback_states;  ///< after those epochs
};

inline Model::State& state_of(const Model& model) { return *model.state_; }

/// Throws hekla::Error `[caller] ...` unless the model is built.
const Network& built(const Model::State& state, std::string_view caller);
/// Throws hekla::Error `[caller] ...` unless the model is compiled.
void check_compiled(const Model::State& state, std::string_view caller);

}  // namespace hekla
