// Convolutions and transposed convolutions over one, two or three spatial axes. Tensors are channels last,
// [batch, spatial axes, channels]; bytes and integers are taken as f32.
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

/// What Conv1D, Conv2D and Conv3D take, with Keras's names and defaults.
struct ConvLayerOptions {
  std::string name = {};
  AxisSizes strides = 1;
  PaddingName padding = PaddingMode::valid;
  AxisSizes dilation_rate = 1;
  std::int64_t groups = 1;
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation(convolution of x with kernel + bias): [batch, spatial, inputs] to [batch, counts, filters]
/// with weights kernel [kernel_size, inputs / groups, filters] and bias [filters] (see hk::conv2d and
/// hk::PaddingMode for the counts). Throws hekla::Error at a call when x has another rank, its channels are
/// no multiple of the groups, or the kernel does not fit.
template <int axes>
class Convolution {
 public:
  /// Throws hekla::Error unless `filters`, sizes and strides are positive, lists have a number for each
  /// spatial axis or one for all, and the groups divide the filters.
  explicit Convolution(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                       ConvLayerOptions options = {});
  Convolution(std::int64_t filters, AxisSizes kernel_size, ConvLayerOptions options)
      : Convolution(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  std::int64_t filters_;
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  ConvLayerOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.Conv1D, Conv2D, Conv3D.)
using Conv1D = Convolution<1>;
using Conv2D = Convolution<2>;
using Conv3D = Convolution<3>;

/// What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose take, with Keras's names and defaults.
struct ConvTransposeOptions {
  std::string name = {};
  AxisSizes strides = 1;
  PaddingName padding = PaddingMode::valid;
  AxisSizes output_padding = {};  ///< empty: as large as max(span, stride) and the stride ask for
  AxisSizes dilation_rate = 1;
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation(transposed convolution of x with kernel + bias): [batch, spatial, inputs] to [batch, sizes,
/// filters] with weights kernel [kernel_size, filters, inputs] and bias [filters]. An axis of n gets the size
/// that hk::conv_transpose2d tells, or, with span = (kernel_size - 1) * dilation_rate + 1 and an
/// output_padding p, (n - 1) * stride + span + p for valid and (n - 1) * stride + span % 2 + p for same.
/// Throws hekla::Error at a call when x has another rank.
template <int axes>
class TransposedConvolution {
 public:
  /// Throws hekla::Error unless `filters`, sizes and strides are positive, output_padding is not negative,
  /// lists have a number for each spatial axis or one for all, and the padding is not causal.
  explicit TransposedConvolution(std::int64_t filters, AxisSizes kernel_size,
                                 ActivationFunction activation = {}, ConvTransposeOptions options = {});
  TransposedConvolution(std::int64_t filters, AxisSizes kernel_size, ConvTransposeOptions options)
      : TransposedConvolution(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  Tensor apply_kernel(const Tensor& x, const Tensor& kernel) const;

  std::int64_t filters_;
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  ConvTransposeOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.Conv1DTranspose, Conv2DTranspose, Conv3DTranspose.)
using Conv1DTranspose = TransposedConvolution<1>;
using Conv2DTranspose = TransposedConvolution<2>;
using Conv3DTranspose = TransposedConvolution<3>;

}  // namespace hekla
