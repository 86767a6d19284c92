// Network: a model as a function, and what a walk through it finds: its weights and its layers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// An input that picks rows of a layer's table: its elements lie in [0, rows).
struct IndexInput {
  std::size_t input;
  std::int64_t rows;
  std::string layer;
};

/// A model as a function, with what a walk through it found.
struct Network {
  Layer function;
  std::string name;

  bool is_built = false;
  std::vector<Tensor> inputs;       ///< placeholders for a batch
  std::vector<Tensor> outputs;      ///< computed from `inputs` in inference
  std::vector<Tensor> trainable;    ///< weights, in the order of their use, with labels of their own
  std::vector<Tensor> state;        ///< other variables, such as moving means
  std::vector<LayerRecord> layers;  ///< the outermost ones
  std::vector<FirstCall> calls;     ///< all layers, including inner ones
  std::vector<IndexInput> indices;  ///< inputs whose elements are indices

  std::vector<Tensor> weights() const;
  /// The function's outputs. Throws hekla::Error when there is none or an empty one, and where a layer in it
  /// is not passed the mode.
  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs, const Mode& mode) const;
};

/// "(None, 28, 28)": shapes without the batch, as Keras prints them; several in brackets.
std::string shapes_text(const std::vector<Tensor>& tensors);

/// Calls the function once in training and once in inference. Throws hekla::Error when it fails, or makes
/// weights anew at each call; the network is then unchanged, and its layers keep no weights.
void build(Network& network, const std::vector<Tensor>& inputs);

}  // namespace hekla
