// The cells of the recurrent layers on their own, for RNN and for loops of yours.
//
//   const hk::RNN layer(hk::StackedRNNCells({hk::LSTMCell(64), hk::GRUCell(32)}), {.return_sequences = true});
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/activation_function.h"
#include "train/layers/layer.h"
#include "train/layers/recurrent_parts.h"
#include "train/layers/rnn.h"
#include "train/layers/shape.h"

namespace hekla {

/// What SimpleRNNCell, LSTMCell and GRUCell take, with Keras's names and defaults.
struct RecurrentCellOptions {
  std::string name = {};
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";  ///< of the gates of an LSTM or a GRU
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  ///< of an LSTM: the forget gate's bias starts at 1
  Regularizer kernel_regularizer = nullptr;
  Regularizer recurrent_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint recurrent_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  double dropout = 0;            ///< of the inputs in training: inside of an RNN, one mask for all times
  double recurrent_dropout = 0;  ///< of h in its products in training: likewise
  bool reset_after = true;       ///< of a GRU: r is applied after the product
  bool trainable = true;
};

/// A cell with weights: x [batch, features] and the state give the next state, of which the first tensor, h [batch,
/// units], is the output. Weights as those of Recurrent. Bytes and integers are taken as f32. Throws hekla::Error at a
/// call when x has another rank, and when the state holds another number of tensors or other shapes.
class WeightedCell {
 public:
  /// The shapes of the state, without the batch.
  std::vector<Shape> state_size() const { return state_size_of(cell_, units_); }
  /// The next state. An empty state is zeros.
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state = {},
                                 const Mode& mode = {}) const;

  /// kernel, recurrent_kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return layer_->weights(); }

 protected:
  /// Throws hekla::Error unless `units` is positive and both kinds of dropout lie in [0, 1].
  WeightedCell(std::string type, RecurrentCell cell, std::int64_t units, RecurrentCellOptions options);

 private:
  RecurrentCell cell_;
  std::int64_t units_;
  RecurrentCellOptions options_;
  std::shared_ptr<LayerState> layer_;
};

/// A simple recurrent cell: see hk::simple_rnn_cell. (keras.layers.SimpleRNNCell.)
class SimpleRNNCell : public WeightedCell {
 public:
  explicit SimpleRNNCell(std::int64_t units, RecurrentCellOptions options = {})
      : WeightedCell("SimpleRNNCell", RecurrentCell::simple, units, std::move(options)) {}
};

/// The cell of an LSTM, with the state h and c: see hk::lstm_cell. (keras.layers.LSTMCell.)
class LSTMCell : public WeightedCell {
 public:
  explicit LSTMCell(std::int64_t units, RecurrentCellOptions options = {})
      : WeightedCell("LSTMCell", RecurrentCell::lstm, units, std::move(options)) {}
};

/// The cell of a GRU: see hk::gru_cell. (keras.layers.GRUCell.)
class GRUCell : public WeightedCell {
 public:
  explicit GRUCell(std::int64_t units, RecurrentCellOptions options = {})
      : WeightedCell("GRUCell", RecurrentCell::gru, units, std::move(options)) {}
};

/// Several cells as one: each takes the output of the one before. The state is that of the first cell, then that of the
/// second, and so on; the output is that of the last. (keras.layers.StackedRNNCells.)
class StackedRNNCells {
 public:
  /// Throws hekla::Error when there is no cell, or one without a state.
  explicit StackedRNNCells(std::vector<RNNCell> cells, const LayerOptions& options = {});

  std::vector<Shape> state_size() const;
  /// Where the output of the last cell lies in the state.
  std::size_t output_index() const;
  /// The next state. Throws hekla::Error when the state holds another number of tensors.
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state,
                                 const Mode& mode = {}) const;

 private:
  std::vector<RNNCell> cells_;
  std::shared_ptr<LayerState> layer_;
};

}  // namespace hekla
