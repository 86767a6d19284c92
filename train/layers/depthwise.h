// Depthwise convolutions, of each channel separately, alone and followed by a pointwise product over the
// channels. Tensors are channels last, [batch, spatial axes, channels]; bytes and integers are taken as f32.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/activation_function.h"
#include "train/layers/layer.h"
#include "train/layers/spatial_options.h"

namespace hekla {

/// What DepthwiseConv1D and DepthwiseConv2D take, with Keras's names and defaults.
struct DepthwiseConvOptions {
  std::string name = {};
  AxisSizes strides = 1;
  PaddingName padding = PaddingMode::valid;
  std::int64_t depth_multiplier = 1;  ///< filters of each channel
  AxisSizes dilation_rate = 1;
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint depthwise_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation(each channel of x convolved with its own filters + bias): [batch, spatial, inputs] to
/// [batch, counts, inputs * depth_multiplier] with weights kernel [kernel_size, inputs, depth_multiplier] and
/// bias [inputs * depth_multiplier] (see hk::depthwise_conv2d). Throws hekla::Error at a call when x has
/// another rank or the kernel does not fit.
template <int axes>
class DepthwiseConvolution {
 public:
  /// Throws hekla::Error unless sizes, strides and depth_multiplier are positive and lists have a number for
  /// each spatial axis or one for all.
  explicit DepthwiseConvolution(AxisSizes kernel_size, ActivationFunction activation = {},
                                DepthwiseConvOptions options = {});
  DepthwiseConvolution(AxisSizes kernel_size, DepthwiseConvOptions options)
      : DepthwiseConvolution(std::move(kernel_size), ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  DepthwiseConvOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one and two spatial axes. (keras.layers.DepthwiseConv1D, DepthwiseConv2D.)
using DepthwiseConv1D = DepthwiseConvolution<1>;
using DepthwiseConv2D = DepthwiseConvolution<2>;

/// What SeparableConv1D and SeparableConv2D take, with Keras's names and defaults.
struct SeparableConvOptions {
  std::string name = {};
  AxisSizes strides = 1;
  PaddingName padding = PaddingMode::valid;
  AxisSizes dilation_rate = 1;
  std::int64_t depth_multiplier = 1;  ///< filters of each channel
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = nullptr;
  Regularizer pointwise_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint depthwise_constraint = nullptr;
  Constraint pointwise_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation((each channel of x convolved with its own filters) pointwise_kernel + bias): [batch,
/// spatial, inputs] to [batch, counts, filters] with weights depthwise_kernel [kernel_size, inputs,
/// depth_multiplier], pointwise_kernel [ones, inputs * depth_multiplier, filters] and bias [filters]. Throws
/// hekla::Error at a call when x has another rank or the kernel does not fit.
template <int axes>
class SeparableConvolution {
 public:
  /// Throws hekla::Error unless `filters`, sizes, strides and depth_multiplier are positive and lists have a
  /// number for each spatial axis or one for all.
  explicit SeparableConvolution(std::int64_t filters, AxisSizes kernel_size,
                                ActivationFunction activation = {}, SeparableConvOptions options = {});
  SeparableConvolution(std::int64_t filters, AxisSizes kernel_size, SeparableConvOptions options)
      : SeparableConvolution(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// depthwise_kernel, pointwise_kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  std::int64_t filters_;
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  SeparableConvOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one and two spatial axes. (keras.layers.SeparableConv1D, SeparableConv2D.)
using SeparableConv1D = SeparableConvolution<1>;
using SeparableConv2D = SeparableConvolution<2>;

}  // namespace hekla
