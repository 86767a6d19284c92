// See conv_lstm.h.
#include "train/layers/conv_lstm.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "ops/nn/convolution.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/layers/convolution_parts.h"
#include "train/layers/recurrent_parts.h"

namespace hekla {

namespace {

// The sizes of x with its first two axes as one, or the other way around.
Shape merged(const Shape& shape) {
  Shape together{shape[0] * shape[1]};
  for (int axis = 2; axis < shape.rank(); ++axis) together.push_back(shape[axis]);
  return together;
}

Shape parted(const Shape& shape, std::int64_t first, std::int64_t second) {
  Shape apart{first, second};
  for (int axis = 1; axis < shape.rank(); ++axis) apart.push_back(shape[axis]);
  return apart;
}

bool is_large(const AxisSizes& sizes) { return std::ranges::max(sizes.numbers()) > 1; }

}  // namespace

template <int axes>
ConvLSTM<axes>::ConvLSTM(std::int64_t filters, AxisSizes kernel_size, ConvLSTMOptions options)
    : filters_(filters),
      kernel_size_(std::move(kernel_size)),
      options_(std::move(options)),
      state_(
          std::make_shared<LayerState>(fmt::format("ConvLSTM{}D", axes), options_.name, options_.trainable)) {
  const std::string layer = state_->display_name();
  check_filters(layer, filters);
  check_recurrent(layer, filters, options_.dropout, options_.recurrent_dropout);
  windows_of(layer, axes, kernel_size_, options_);
  if (is_large(options_.strides) && is_large(options_.dilation_rate))
    throw Error(fmt::format("[{}] strides of {} with a dilation_rate of {}; one of them must be 1.", layer,
                            std::ranges::max(options_.strides.numbers()),
                            std::ranges::max(options_.dilation_rate.numbers())));
  if (options_.padding == PaddingMode::causal)
    throw Error(fmt::format("[{}] padding is causal; it must be valid or same.", layer));
}

template <int axes>
Tensor ConvLSTM<axes>::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  return call_over_times(state_, x, mode, options_.return_sequences,
                         [&](const LayerCall& call) { return through(call, x, {}, mode, mask); });
}

template <int axes>
Scan ConvLSTM<axes>::run(const Tensor& x, std::vector<Tensor> initial_state, const Mode& mode,
                         const Tensor& mask) const {
  return run_over_times(state_, x, initial_state, mode,
                        [&](const LayerCall& call) { return through(call, x, initial_state, mode, mask); });
}

template <int axes>
Scan ConvLSTM<axes>::through(const LayerCall& call, const Tensor& x, const std::vector<Tensor>& initial_state,
                             const Mode& mode, const Tensor& mask) const {
  if (x.rank() != axes + 3 || x.size(1) < 1)
    throw Error(fmt::format("[{}] takes [batch, time, {} spatial, channels] with at least one time, not {}.",
                            state_->name(), axes, describe(x)));
  const std::int64_t width = 4 * filters_;
  const Tensor kernel = kernel_of(call, kernel_shape(axes, kernel_size_, x.size(-1), width), options_);
  const Tensor recurrent_kernel = call.weight(
      "recurrent_kernel", kernel_shape(axes, kernel_size_, filters_, width), options_.recurrent_initializer,
      {options_.recurrent_regularizer, options_.recurrent_constraint});
  ConvLSTMOptions options = options_;
  if (options.unit_forget_bias) options.bias_initializer = forgetting(options.bias_initializer, filters_);

  // The images of all times are convolved at once, with time in front, as the loop reads it.
  const Tensor seen = moveaxis(dropped_inputs(as_float(x), true, options_.dropout, mode), 1, 0);
  const Tensor images = reshape(seen, merged(seen.shape()));
  check_spatial(state_->name(), images, windows_of(state_->name(), axes, kernel_size_, options_));
  const Tensor convolved = with_bias(call,
                                     conv<axes>(images, kernel,
                                                {.strides = options_.strides.numbers(),
                                                 .padding = options_.padding,
                                                 .dilation_rate = options_.dilation_rate.numbers()}),
                                     options);
  const Tensor projected = reshape(convolved, parted(convolved.shape(), x.size(1), x.size(0)));

  Shape size;
  for (int axis = 1; axis <= axes; ++axis) size.push_back(convolved.size(axis));
  size.push_back(filters_);
  std::vector<Tensor> state = checked_state(state_->name(), initial_state, {size, size}, x.size(0));
  const Tensor kept = recurrent_mask_of(state[0].shape(), options_.recurrent_dropout, mode);
  const CellOptions cell{.activation = options_.activation,
                         .recurrent_activation = options_.recurrent_activation};
  const RecurrentStep step = [&](const Tensor& now, const std::vector<Tensor>& before) {
    const Tensor h = kept.defined() ? before[0] * kept : before[0];
    const Tensor z = now + conv<axes>(h, recurrent_kernel, {.padding = PaddingMode::same});
    const LstmState next = lstm_gates(z, before[1], cell);
    return std::vector<Tensor>{next.h, next.c};
  };
  const SequenceOptions order{.go_backwards = options_.go_backwards, .mask = times_that_count(x, mode, mask)};
  Scan result = scan(step, moveaxis(projected, 0, 1), std::move(state), order);
  hand_on_mask(result, order, mode);
  return result;
}

template class ConvLSTM<1>;
template class ConvLSTM<2>;
template class ConvLSTM<3>;

}  // namespace hekla
