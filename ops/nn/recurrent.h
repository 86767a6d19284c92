// Recurrent cells and their scan over time. The layout of weights is that of Keras.
#pragma once

#include <functional>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

struct LstmState {
  Tensor h;  ///< the hidden state, which is the output
  Tensor c;  ///< the cell state
};
/// One step of a long short-term memory. z holds the gates i, f, g, o side by side:
///   z = x kernel + h recurrent_kernel + bias
///   c' = sigmoid(f) * c + sigmoid(i) * tanh(g);  h' = sigmoid(o) * tanh(c')
/// f32 x [batch, features], h and c [batch, units], kernel [features, 4 units], recurrent_kernel [units, 4
/// units], bias [4 units]; an empty bias counts as 0. Throws hekla::Error when a shape or dtype differs from
/// these. (keras.layers.LSTMCell, whose bias starts at 0, that of gate f at 1; Hochreiter, Schmidhuber,
/// Neural Computation 1997.)
LstmState lstm_cell(const Tensor& x, const LstmState& state, const Tensor& kernel,
                    const Tensor& recurrent_kernel, const Tensor& bias = {});

/// One step of a gated recurrent unit. With the gates z, r, g side by side in a = x kernel + bias[0] and
/// b = h recurrent_kernel + bias[1]:
///   z = sigmoid(a_z + b_z);  r = sigmoid(a_r + b_r);  h' = z * h + (1 - z) * tanh(a_g + r * b_g)
/// f32 x [batch, features], h [batch, units], kernel [features, 3 units], recurrent_kernel [units, 3 units],
/// bias [2, 3 units]; an empty bias counts as 0. Throws hekla::Error when a shape or dtype differs from
/// these. (keras.layers.GRUCell with reset_after, its default; Cho et al., EMNLP 2014.)
Tensor gru_cell(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias = {});

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

/// lstm_cell over time: x [batch, time, features]; state h, c. Empty initial tensors are zeros. The products
/// with x are one matrix product for all times. A recurrent_mask [batch, units] multiplies h in each product
/// with recurrent_kernel, as dropout does (Gal, Ghahramani, NIPS 2016). Errors as lstm_cell and scan.
Scan lstm(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias = {},
          const LstmState& initial_state = {}, const SequenceOptions& options = {},
          const Tensor& recurrent_mask = {});

/// gru_cell over time, likewise; state h.
Scan gru(const Tensor& x, const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias = {},
         const Tensor& initial_state = {}, const SequenceOptions& options = {},
         const Tensor& recurrent_mask = {});

}  // namespace hekla
