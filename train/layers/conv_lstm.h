// Recurrent layers over images: the products of an LSTM are convolutions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ops/nn/recurrent.h"
#include "train/layers/activation_function.h"
#include "train/layers/layer.h"
#include "train/layers/spatial_options.h"

namespace hekla {

/// What ConvLSTM1D, ConvLSTM2D and ConvLSTM3D take, with Keras's names and defaults.
struct ConvLSTMOptions {
  std::string name = {};
  AxisSizes strides = 1;  ///< of the convolution of x
  PaddingName padding = PaddingMode::valid;
  AxisSizes dilation_rate = 1;
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";  ///< of the gates
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  ///< the forget gate's bias starts at 1
  Regularizer kernel_regularizer = nullptr;
  Regularizer recurrent_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint recurrent_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  double dropout = 0;             ///< of the inputs in training: one mask for all times
  double recurrent_dropout = 0;   ///< of h in its convolution in training: one mask for all times
  bool return_sequences = false;  ///< gives h at all times, [batch, time, counts, filters]
  bool go_backwards = false;      ///< from the last time to the first; a returned sequence is in this order
  bool trainable = true;
};

/// An LSTM whose state h and c are images, [batch, counts, filters]: hk::lstm_gates of
///   z = conv(x, kernel, strides, padding, dilation_rate) + conv(h, recurrent_kernel, same padding) + bias
/// over x [batch, time, spatial, channels]. Returns the last h or all of them. Weights kernel [kernel_size, channels, 4
/// filters], recurrent_kernel [kernel_size, filters, 4 filters] and bias [4 filters]. Bytes and integers are taken as
/// f32. Masks of times as those of Recurrent. Throws hekla::Error at a call when x has another rank or no times, and when
/// a window does not fit.
template <int axes>
class ConvLSTM {
 public:
  /// Throws hekla::Error unless filters, sizes, strides and dilations are positive, lists have a number for each spatial
  /// axis or one for all, and both kinds of dropout lie in [0, 1]; on strides with a dilation, and on causal padding.
  ConvLSTM(std::int64_t filters, AxisSizes kernel_size, ConvLSTMOptions options = {});

  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& mask = {}) const;
  /// The whole sequence and the last state, h and c, from an initial state of the caller's; zeros without one. (Keras's
  /// return_state and initial_state.) Also throws hekla::Error when the state holds another number of tensors or other
  /// shapes.
  Scan run(const Tensor& x, std::vector<Tensor> initial_state = {}, const Mode& mode = {},
           const Tensor& mask = {}) const;

  /// kernel, recurrent_kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  Scan through(const LayerCall& call, const Tensor& x, const std::vector<Tensor>& initial_state,
               const Mode& mode, const Tensor& mask) const;

  std::int64_t filters_;
  AxisSizes kernel_size_;
  ConvLSTMOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.ConvLSTM1D, ConvLSTM2D, ConvLSTM3D; Shi et al.: Convolutional LSTM
/// Network, NIPS 2015, without the peepholes.)
using ConvLSTM1D = ConvLSTM<1>;
using ConvLSTM2D = ConvLSTM<2>;
using ConvLSTM3D = ConvLSTM<3>;

}  // namespace hekla
