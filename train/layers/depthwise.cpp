// See depthwise.h.
#include "train/layers/depthwise.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/matmul.h"
#include "ops/nn/convolution.h"
#include "ops/view.h"
#include "train/layers/convolution_parts.h"

namespace hekla {

namespace {

void check_multiplier(std::string_view layer, std::int64_t multiplier) {
  if (multiplier < 1)
    throw Error(fmt::format("[{}] depth_multiplier is {}; it must be positive.", layer, multiplier));
}

// Checks x and convolves each of its channels separately with the weight called `name`.
template <class Options>
Tensor by_channel(const LayerCall& call, std::string_view layer, std::string_view name, int axes,
                  const AxisSizes& kernel_size, const Tensor& x, const Options& options) {
  check_spatial(layer, x, windows_of(layer, axes, kernel_size, options));
  const Shape shape = kernel_shape(axes, kernel_size, x.size(-1), options.depth_multiplier);
  const Tensor kernel = call.weight(name, shape, options.depthwise_initializer,
                                    {options.depthwise_regularizer, options.depthwise_constraint});
  const auto convolve = axes == 1 ? depthwise_conv1d : depthwise_conv2d;
  return convolve(x, kernel,
                  {.strides = options.strides.numbers(),
                   .padding = options.padding,
                   .dilation_rate = options.dilation_rate.numbers()});
}

}  // namespace

template <int axes>
DepthwiseConvolution<axes>::DepthwiseConvolution(AxisSizes kernel_size, ActivationFunction activation,
                                                 DepthwiseConvOptions options)
    : kernel_size_(std::move(kernel_size)),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(fmt::format("DepthwiseConv{}D", axes), options_.name,
                                          options_.trainable)) {
  const std::string layer = state_->display_name();
  check_multiplier(layer, options_.depth_multiplier);
  windows_of(layer, axes, kernel_size_, options_);
}

template <int axes>
Tensor DepthwiseConvolution<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const Tensor y = by_channel(call, state_->name(), "kernel", axes, kernel_size_, as_float(x), options_);
  return call.done(activation_(with_bias(call, y, options_)));
}

template <int axes>
SeparableConvolution<axes>::SeparableConvolution(std::int64_t filters, AxisSizes kernel_size,
                                                 ActivationFunction activation, SeparableConvOptions options)
    : filters_(filters),
      kernel_size_(std::move(kernel_size)),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(fmt::format("SeparableConv{}D", axes), options_.name,
                                          options_.trainable)) {
  const std::string layer = state_->display_name();
  if (filters < 1) throw Error(fmt::format("[{}] {} filters; at least one is needed.", layer, filters));
  check_multiplier(layer, options_.depth_multiplier);
  windows_of(layer, axes, kernel_size_, options_);
}

template <int axes>
Tensor SeparableConvolution<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const Tensor channels =
      by_channel(call, state_->name(), "depthwise_kernel", axes, kernel_size_, as_float(x), options_);
  const std::int64_t inputs = channels.size(-1);
  const Tensor pointwise =
      call.weight("pointwise_kernel", kernel_shape(axes, 1, inputs, filters_), options_.pointwise_initializer,
                  {options_.pointwise_regularizer, options_.pointwise_constraint});
  const Tensor y = matmul(channels, reshape(pointwise, Shape{inputs, filters_}));
  return call.done(activation_(with_bias(call, y, options_)));
}

template class DepthwiseConvolution<1>;
template class DepthwiseConvolution<2>;
template class SeparableConvolution<1>;
template class SeparableConvolution<2>;

}  // namespace hekla
