// See convolution.h.
#include "train/layers/convolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/nn/convolution.h"
#include "ops/view.h"
#include "train/layers/convolution_parts.h"

namespace hekla {

namespace {

using Convolve = Tensor (*)(const Tensor&, const Tensor&, const ConvOptions&);
constexpr Convolve convolve_transposed[] = {conv_transpose1d, conv_transpose2d, conv_transpose3d};

}  // namespace

void check_filters(std::string_view layer, std::int64_t filters) {
  if (filters < 1) throw Error(fmt::format("[{}] {} filters; at least one is needed.", layer, filters));
}

template <int axes>
Convolution<axes>::Convolution(std::int64_t filters, AxisSizes kernel_size, ActivationFunction activation,
                               ConvLayerOptions options)
    : filters_(filters),
      kernel_size_(std::move(kernel_size)),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(fmt::format("Conv{}D", axes), options_.name, options_.trainable)) {
  const std::string layer = state_->display_name();
  check_filters(layer, filters);
  windows_of(layer, axes, kernel_size_, options_);
  if (options_.groups < 1 || filters % options_.groups != 0)
    throw Error(fmt::format("[{}] {} filters in {} groups; the groups must divide the filters.", layer,
                            filters, options_.groups));
}

template <int axes>
Tensor Convolution<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const Tensor images = as_float(x);
  check_spatial(state_->name(), images, windows_of(state_->name(), axes, kernel_size_, options_));
  if (x.size(-1) < 1 || x.size(-1) % options_.groups != 0)
    throw Error(fmt::format("[{}] {} has {} channels for {} groups; the groups must divide the channels.",
                            state_->name(), describe(x), x.size(-1), options_.groups));
  const Shape shape = kernel_shape(axes, kernel_size_, x.size(-1) / options_.groups, filters_);
  const Tensor kernel = kernel_of(call, shape, options_);
  const Tensor y = conv<axes>(images, kernel,
                              {.strides = options_.strides.numbers(),
                               .padding = options_.padding,
                               .dilation_rate = options_.dilation_rate.numbers()});
  return call.done(activation_(with_bias(call, y, options_)));
}

template <int axes>
TransposedConvolution<axes>::TransposedConvolution(std::int64_t filters, AxisSizes kernel_size,
                                                   ActivationFunction activation,
                                                   ConvTransposeOptions options)
    : filters_(filters),
      kernel_size_(std::move(kernel_size)),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(fmt::format("Conv{}DTranspose", axes), options_.name,
                                          options_.trainable)) {
  const std::string layer = state_->display_name();
  check_filters(layer, filters);
  windows_of(layer, axes, kernel_size_, options_);
  check_transposable(layer, options_.padding);
  const std::vector<std::int64_t>& more = options_.output_padding.numbers();
  if (more.size() > 1 && more.size() != static_cast<std::size_t>(axes))
    throw Error(fmt::format(
        "[{}] {} numbers of output_padding for {} spatial axes; give one number for all or one for each.",
        layer, more.size(), axes));
  for (const std::int64_t number : more) {
    if (number < 0)
      throw Error(fmt::format("[{}] output_padding is {}; it must not be negative.", layer, number));
  }
}

template <int axes>
Tensor TransposedConvolution<axes>::apply_kernel(const Tensor& x, const Tensor& kernel) const {
  ConvOptions options{.strides = options_.strides.numbers(),
                      .padding = options_.padding,
                      .dilation_rate = options_.dilation_rate.numbers()};
  if (options_.output_padding.empty()) return convolve_transposed[axes - 1](x, kernel, options);
  // A window of the whole: where it begins and how long it is says Keras
  // (keras/src/backend/common/backend_utils.py).
  options.padding = PaddingMode::valid;
  const Tensor whole = convolve_transposed[axes - 1](x, kernel, options);
  std::vector<Range> kept(1);
  std::vector<Padding> added(1);
  for (int axis = 0; axis < axes; ++axis) {
    const std::int64_t span = (kernel_size_[axis] - 1) * options_.dilation_rate[axis] + 1;
    const std::int64_t more = options_.output_padding[axis], n = whole.size(axis + 1);
    const std::int64_t reach = (x.size(axis + 1) - 1) * options_.strides[axis];
    std::int64_t first = 0, size = reach + span + more;
    if (options_.padding == PaddingMode::same) {
      const std::int64_t border = span + span % 2 - 2 + more;
      first = span - 1 - std::min((border + 1) / 2, span - 1);
      size = reach + span % 2 + more;
    }
    const std::int64_t last = std::min(first + size, n);
    kept.push_back({.start = first, .stop = last});
    added.push_back({.high = first + size - last});
  }
  return pad(slice(whole, kept), added);
}

template <int axes>
Tensor TransposedConvolution<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  // Any element finds a place in the result, so only what is asked of every x is to be checked.
  check_spatial(state_->name(), as_float(x), std::vector<SpatialWindow>(static_cast<std::size_t>(axes)));
  const Tensor kernel = kernel_of(call, kernel_shape(axes, kernel_size_, filters_, x.size(-1)), options_);
  return call.done(activation_(with_bias(call, apply_kernel(as_float(x), kernel), options_)));
}

template class Convolution<1>;
template class Convolution<2>;
template class Convolution<3>;
template class TransposedConvolution<1>;
template class TransposedConvolution<2>;
template class TransposedConvolution<3>;

}  // namespace hekla
