// Recurrent cells and their scan over time. The layout of weights is that of Keras.
#pragma once

#include <functional>
#include <vector>

#include "graph/tensor.h"
#include "ops/activation.h"
#include "ops/exponential.h"

namespace hekla {

/// How a cell departs from the usual one, with Keras's names.
struct CellOptions {
  std::function<Tensor(const Tensor&)> activation = [](const Tensor& x) { return tanh(x); };
  /// Of the gates: i, f and o of an LSTM, z and r of a GRU.
  std::function<Tensor(const Tensor&)> recurrent_activation = [](const Tensor& x) { return sigmoid(x); };
  /// f32 [batch, units], multiplied with h in each product with recurrent_kernel, as dropout does; or empty. (Gal,
  /// Ghahramani, NIPS 2016.)
  Tensor recurrent_mask = {};
  bool reset_after = true;  ///< of a GRU: r is applied after the product
};

/// One step of a simple recurrent network: h' = activation(x kernel + h recurrent_kernel + bias). f32 x [batch,
/// features], h [batch, units], kernel [features, units], recurrent_kernel [units, units], bias [units]; an empty bias
/// counts as 0. Throws hekla::Error when a shape or dtype differs from these. (keras.layers.SimpleRNNCell; Elman: Finding
/// Structure in Time, Cognitive Science 1990.)
Tensor simple_rnn_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                       const Tensor& bias = {}, const CellOptions& options = {});

struct LstmState {
  Tensor h;  ///< the hidden state, which is the output
  Tensor c;  ///< the cell state
};
/// A long short-term memory after its products. z [.., 4 units] holds the gates i, f, g, o side by side, c is f32 [..,
/// units]; sigmoid stands for recurrent_activation and tanh for activation:
///   c' = sigmoid(f) * c + sigmoid(i) * tanh(g);  h' = sigmoid(o) * tanh(c')
/// Throws hekla::Error when a shape or dtype differs from these.
LstmState lstm_gates(const Tensor& z, const Tensor& c, const CellOptions& options = {});
/// One step of a long short-term memory: lstm_gates of z = x kernel + h recurrent_kernel + bias.
/// f32 x [batch, features], h and c [batch, units], kernel [features, 4 units], recurrent_kernel [units, 4
/// units], bias [4 units]; an empty bias counts as 0. Throws hekla::Error when a shape or dtype differs from
/// these. (keras.layers.LSTMCell, whose bias starts at 0, that of gate f at 1; Hochreiter, Schmidhuber,
/// Neural Computation 1997.)
LstmState lstm_cell(const Tensor& x, const LstmState& state, const Tensor& kernel,
                    const Tensor& recurrent_kernel, const Tensor& bias = {}, const CellOptions& options = {});

/// One step of a gated recurrent unit. With the gates z, r, g side by side in a = x kernel + bias[0] and
/// b = h recurrent_kernel + bias[1]:
///   z = sigmoid(a_z + b_z);  r = sigmoid(a_r + b_r);  h' = z * h + (1 - z) * tanh(a_g + r * b_g)
/// f32 x [batch, features], h [batch, units], kernel [features, 3 units], recurrent_kernel [units, 3 units],
/// bias [2, 3 units]; an empty bias counts as 0. Without reset_after the bias is [3 units] and r multiplies h
/// before the product: tanh(a_g + (r * h) recurrent_kernel_g). Throws hekla::Error when a shape or dtype differs
/// from these. (keras.layers.GRUCell; Cho et al., EMNLP 2014.)
Tensor gru_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias = {}, const CellOptions& options = {});

/// The state after one more element of the sequence.
using RecurrentStep = std::function<std::vector<Tensor>(const Tensor& x, const std::vector<Tensor>& state)>;

struct Scan {
  Tensor sequence;            ///< the first tensor of every state, [batch, time, ..]
  std::vector<Tensor> state;  ///< the last state
};
/// How a sequence is gone through, with Keras's names.
struct SequenceOptions {
  bool go_backwards =
      false;  ///< from the last time to the first; the sequence is in the order of computation
  /// bool [batch, time], or empty for none. Where it is false, the time is left out: the state stays, and the
  /// sequence repeats it.
  Tensor mask = {};
  bool zero_output_for_mask = false;  ///< the sequence is 0 at times that are left out
};
/// Applies `step` along the time axis of x [batch, time, ..]: a loop of the graph, see loops.h. Throws
/// hekla::Error when x has no second axis or no element on it, when the state is empty, or when a mask has
/// another shape or dtype.
Scan scan(const RecurrentStep& step, const Tensor& x, std::vector<Tensor> initial_state,
          const SequenceOptions& options = {});

/// simple_rnn_cell over time: x [batch, time, features]; state h. An empty initial state is zeros. The products with x
/// are one matrix product for all times. Errors as simple_rnn_cell and scan. (keras.layers.SimpleRNN.)
Scan simple_rnn(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias = {}, const Tensor& initial_state = {},
                const SequenceOptions& options = {}, const CellOptions& cell = {});

/// lstm_cell over time, likewise; state h, c.
Scan lstm(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias = {},
          const LstmState& initial_state = {}, const SequenceOptions& options = {},
          const CellOptions& cell = {});

/// gru_cell over time, likewise; state h.
Scan gru(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias = {},
         const Tensor& initial_state = {}, const SequenceOptions& options = {}, const CellOptions& cell = {});

}  // namespace hekla
