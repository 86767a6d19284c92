// Recurrent layers: a cell iterated over time, in one direction or both. Bytes and integers are taken as f32.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ops/nn/recurrent.h"
#include "train/layers/activation_function.h"
#include "train/layers/layer.h"
#include "train/layers/recurrent_parts.h"

namespace hekla {

/// What LSTM, GRU and SimpleRNN take, with Keras's names and defaults.
struct RecurrentOptions {
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
  double dropout = 0;             ///< of the inputs in training: one mask for all times
  double recurrent_dropout = 0;   ///< of h in its products in training: one mask for all times
  bool return_sequences = false;  ///< gives h at all times, [batch, time, units]
  bool go_backwards = false;      ///< from the last time to the first; a returned sequence is in this order
  bool zero_output_for_mask = false;  ///< a returned sequence is 0 at times that are left out
  bool reset_after = true;            ///< of a GRU: r is applied after the product
  bool trainable = true;
};

/// Iterates over x [batch, time, features] and returns the last h, [batch, units], or all of them. Weights
/// kernel [features, gates * units], recurrent_kernel [units, gates * units] and bias [gates * units], but
/// [2, 3 units] for a GRU with reset_after; the gates lie side by side in Keras's order.
///
/// A mask, bool [batch, time], leaves out the times at which it is false: the state stays as it is, and a
/// returned sequence repeats it. Without one, the mask of x counts (see Mode::set_mask), which a returned
/// sequence keeps. Throws hekla::Error at a call when x has another rank or no times, or the mask another
/// shape or dtype.
class Recurrent {
 public:
  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& mask = {}) const;
  /// The whole sequence and the last state, from an initial state of the caller's: h, [batch, units], and for
  /// an LSTM c; zeros without one. (Keras's return_state and initial_state.) Also throws hekla::Error when
  /// the state holds another number of tensors or other shapes.
  Scan run(const Tensor& x, std::vector<Tensor> initial_state = {}, const Mode& mode = {},
           const Tensor& mask = {}) const;

  /// kernel, recurrent_kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

  const RecurrentOptions& options() const { return options_; }
  /// A layer of the same options with its own weights; `prefix` is put before its type, from which its name
  /// is made.
  Recurrent anew(const std::string& prefix, bool go_backwards) const;

 protected:
  /// Throws hekla::Error unless `units` is positive and both kinds of dropout lie in [0, 1].
  Recurrent(std::string type, RecurrentCell cell, std::int64_t units, RecurrentOptions options);

 private:
  Scan through(const LayerCall& call, const Tensor& x, const std::vector<Tensor>& initial_state,
               const Mode& mode, const Tensor& mask) const;

  RecurrentCell cell_;
  std::int64_t units_;
  RecurrentOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// h' = activation(x kernel + h recurrent_kernel + bias): see hk::simple_rnn_cell. (keras.layers.SimpleRNN.)
class SimpleRNN : public Recurrent {
 public:
  explicit SimpleRNN(std::int64_t units, RecurrentOptions options = {})
      : Recurrent("SimpleRNN", RecurrentCell::simple, units, std::move(options)) {}
  SimpleRNN(std::int64_t units, ActivationFunction activation, RecurrentOptions options = {})
      : SimpleRNN(units, with_activation(std::move(options), std::move(activation))) {}

 private:
  static RecurrentOptions with_activation(RecurrentOptions options, ActivationFunction activation) {
    options.activation = std::move(activation);
    return options;
  }
};

/// A long short-term memory with the gates i, f, g, o: see hk::lstm_cell. (keras.layers.LSTM.)
class LSTM : public Recurrent {
 public:
  explicit LSTM(std::int64_t units, RecurrentOptions options = {})
      : Recurrent("LSTM", RecurrentCell::lstm, units, std::move(options)) {}
};

/// A gated recurrent unit with the gates z, r, g: see hk::gru_cell. (keras.layers.GRU.)
class GRU : public Recurrent {
 public:
  explicit GRU(std::int64_t units, RecurrentOptions options = {})
      : Recurrent("GRU", RecurrentCell::gru, units, std::move(options)) {}
};

/// What Bidirectional takes, with Keras's names and defaults.
struct BidirectionalOptions {
  std::string name = {};
  std::string merge_mode = "concat";  ///< "concat" along the last axis, "sum", "mul" or "ave"
};

/// Runs two copies of the given layer, with weights of their own, in opposite directions. Sequences are
/// reordered to the order of x and the two results merged. Masks as those of Recurrent.
/// (keras.layers.Bidirectional.)
class Bidirectional {
 public:
  /// Throws hekla::Error on another merge_mode.
  explicit Bidirectional(const Recurrent& layer, const BidirectionalOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& mask = {}) const;

  /// The weights of the copy in the given direction, then those of the other.
  std::vector<Tensor> weights() const;

 private:
  Recurrent forward_, backward_;
  Tensor (*merge_)(const Tensor&, const Tensor&) = nullptr;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
