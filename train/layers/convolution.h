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
/// no multiple of the groups, or the kernel does not fit. (keras.layers.Conv1D, Conv2D, Conv3D.)
class Convolution {
 public:
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 protected:
  /// Throws hekla::Error unless `filters`, sizes and strides are positive, lists have a number for each
  /// spatial axis or one for all, and the groups divide the filters.
  Convolution(int axes, std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation,
              ConvLayerOptions options);

 private:
  int axes_;
  std::int64_t filters_;
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  ConvLayerOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one spatial axis. (keras.layers.Conv1D.)
class Conv1D : public Convolution {
 public:
  explicit Conv1D(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                  ConvLayerOptions options = {})
      : Convolution(1, filters, std::move(kernel_size), std::move(activation), std::move(options)) {}
  Conv1D(std::int64_t filters, AxisSizes kernel_size, ConvLayerOptions options)
      : Conv1D(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

/// Over two spatial axes. (keras.layers.Conv2D.)
class Conv2D : public Convolution {
 public:
  explicit Conv2D(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                  ConvLayerOptions options = {})
      : Convolution(2, filters, std::move(kernel_size), std::move(activation), std::move(options)) {}
  Conv2D(std::int64_t filters, AxisSizes kernel_size, ConvLayerOptions options)
      : Conv2D(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

/// Over three spatial axes. (keras.layers.Conv3D.)
class Conv3D : public Convolution {
 public:
  explicit Conv3D(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                  ConvLayerOptions options = {})
      : Convolution(3, filters, std::move(kernel_size), std::move(activation), std::move(options)) {}
  Conv3D(std::int64_t filters, AxisSizes kernel_size, ConvLayerOptions options)
      : Conv3D(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

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
/// Throws hekla::Error at a call when x has another rank. (keras.layers.Conv1DTranspose, Conv2DTranspose,
/// Conv3DTranspose.)
class TransposedConvolution {
 public:
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 protected:
  /// Throws hekla::Error unless `filters`, sizes and strides are positive, output_padding is not negative,
  /// lists have a number for each spatial axis or one for all, and the padding is not causal.
  TransposedConvolution(int axes, std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation,
                        ConvTransposeOptions options);

 private:
  Tensor apply_kernel(const Tensor& x, const Tensor& kernel) const;

  int axes_;
  std::int64_t filters_;
  AxisSizes kernel_size_;
  ActivationFunction activation_;
  ConvTransposeOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// Over one spatial axis. (keras.layers.Conv1DTranspose.)
class Conv1DTranspose : public TransposedConvolution {
 public:
  explicit Conv1DTranspose(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                           ConvTransposeOptions options = {})
      : TransposedConvolution(1, filters, std::move(kernel_size), std::move(activation), std::move(options)) {
  }
  Conv1DTranspose(std::int64_t filters, AxisSizes kernel_size, ConvTransposeOptions options)
      : Conv1DTranspose(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

/// Over two spatial axes. (keras.layers.Conv2DTranspose.)
class Conv2DTranspose : public TransposedConvolution {
 public:
  explicit Conv2DTranspose(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                           ConvTransposeOptions options = {})
      : TransposedConvolution(2, filters, std::move(kernel_size), std::move(activation), std::move(options)) {
  }
  Conv2DTranspose(std::int64_t filters, AxisSizes kernel_size, ConvTransposeOptions options)
      : Conv2DTranspose(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

/// Over three spatial axes. (keras.layers.Conv3DTranspose.)
class Conv3DTranspose : public TransposedConvolution {
 public:
  explicit Conv3DTranspose(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation = {},
                           ConvTransposeOptions options = {})
      : TransposedConvolution(3, filters, std::move(kernel_size), std::move(activation), std::move(options)) {
  }
  Conv3DTranspose(std::int64_t filters, AxisSizes kernel_size, ConvTransposeOptions options)
      : Conv3DTranspose(filters, std::move(kernel_size), ActivationFunction(), std::move(options)) {}
};

}  // namespace hekla
