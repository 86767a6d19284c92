// See recurrent.h.
#include "train/layers/recurrent.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/nn/dropout.h"
#include "ops/reorder.h"
#include "ops/view.h"
#include "train/layers/kernel_and_bias.h"

namespace hekla {

namespace {

using Merge = Tensor (*)(const Tensor&, const Tensor&);
constexpr std::array<std::pair<std::string_view, Merge>, 4> merges{
    {{"concat",
      [](const Tensor& a, const Tensor& b) {
        return concat({a, b}, -1);
      }},
     {"sum", [](const Tensor& a, const Tensor& b) { return a + b; }},
     {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }},
     {"ave", [](const Tensor& a, const Tensor& b) { return (a + b) / 2; }}}};

std::int64_t gates_of(RecurrentCell cell) {
  return cell == RecurrentCell::lstm ? 4 : cell == RecurrentCell::gru ? 3 : 1;
}

// Starts the bias of the forget gate, the second of four, at 1.
Initializer forgetting(const Initializer& initializer, std::int64_t units) {
  return [initializer, units](const Shape&, const RandomKey& key) {
    const std::vector<RandomKey> keys = split(key, 2);
    return concat({initializer({units}, keys[0]), ones({units}), initializer({2 * units}, keys[1])}, 0);
  };
}

Tensor masked(const Tensor& h, const Tensor& mask) { return mask.defined() ? h * mask : h; }

Scan simple(const Tensor& projected, const Tensor& h, const Tensor& recurrent_kernel,
            const Tensor& recurrent_mask, const ActivationFunction& activation,
            const SequenceOptions& options) {
  const RecurrentStep step = [&](const Tensor& a, const std::vector<Tensor>& state) {
    return std::vector<Tensor>{activation(a + matmul(masked(state[0], recurrent_mask), recurrent_kernel))};
  };
  return scan(step, projected, {h}, options);
}

// r is applied to h before the product, so the product of the third gate depends on the other gates.
Scan gru_reset_before(const Tensor& projected, const Tensor& h, const Tensor& recurrent_kernel,
                      const Tensor& recurrent_mask, const SequenceOptions& options) {
  const std::int64_t units = recurrent_kernel.size(0);
  const std::vector<Tensor> kernels = split(recurrent_kernel, {2 * units, units}, 1);
  const RecurrentStep step = [&](const Tensor& a, const std::vector<Tensor>& state) {
    const Tensor h_seen = masked(state[0], recurrent_mask);
    const std::vector<Tensor> gates = split(a, 3, -1), inner = split(matmul(h_seen, kernels[0]), 2, -1);
    const Tensor z = sigmoid(gates[0] + inner[0]), r = sigmoid(gates[1] + inner[1]);
    const Tensor g = tanh(gates[2] + matmul(r * h_seen, kernels[1]));
    return std::vector<Tensor>{z * state[0] + (1 - z) * g};
  };
  return scan(step, projected, {h}, options);
}

}  // namespace

Recurrent::Recurrent(std::string type, RecurrentCell cell, std::int64_t units, ActivationFunction activation,
                     RecurrentOptions options)
    : cell_(cell),
      units_(units),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(std::move(type), options_.name, options_.trainable)) {
  if (units < 1)
    throw Error(fmt::format("[{}] {} units; at least one is needed.", state_->display_name(), units));
  const auto check_rate = [&](std::string_view what, double rate) {
    if (!(rate >= 0 && rate <= 1))
      throw Error(fmt::format("[{}] {} is {}; it must lie in [0, 1].", state_->display_name(), what, rate));
  };
  check_rate("dropout", options_.dropout);
  check_rate("recurrent_dropout", options_.recurrent_dropout);
}

Recurrent Recurrent::anew(const std::string& prefix, bool go_backwards) const {
  Recurrent other = *this;
  other.options_.name.clear();
  other.options_.go_backwards = go_backwards;
  other.state_ = std::make_shared<LayerState>(prefix + state_->type(), "", options_.trainable);
  return other;
}

Tensor Recurrent::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  LayerCall call(state_, mode, {x});
  const Scan result = through(call, x, {}, mode, mask);
  return call.done(options_.return_sequences ? result.sequence : result.state[0]);
}

Scan Recurrent::run(const Tensor& x, std::vector<Tensor> initial_state, const Mode& mode,
                    const Tensor& mask) const {
  std::vector<Tensor> inputs{x};
  inputs.insert(inputs.end(), initial_state.begin(), initial_state.end());
  LayerCall call(state_, mode, inputs);
  Scan result = through(call, x, initial_state, mode, mask);
  std::vector<Tensor> outputs{result.sequence};
  outputs.insert(outputs.end(), result.state.begin(), result.state.end());
  call.done(outputs);
  return result;
}

Scan Recurrent::through(const LayerCall& call, const Tensor& x, const std::vector<Tensor>& initial_state,
                        const Mode& mode, const Tensor& mask) const {
  if (x.rank() != 3 || x.size(1) < 1)
    throw Error(fmt::format("[{}] takes [batch, time, features] with at least one time, not {}.",
                            state_->name(), describe(x)));
  const std::size_t states = cell_ == RecurrentCell::lstm ? 2 : 1;
  if (!initial_state.empty() && initial_state.size() != states)
    throw Error(fmt::format("[{}] the state holds {} tensors; it must hold {}.", state_->name(),
                            initial_state.size(), states));
  const Shape shape{x.size(0), units_};
  for (const Tensor& tensor : initial_state) {
    if (!(tensor.shape() == shape) || tensor.dtype() != DType::f32)
      throw Error(fmt::format("[{}] the state holds {}; it must be f32{}.", state_->name(), describe(tensor),
                              to_string(shape)));
  }
  const std::int64_t width = gates_of(cell_) * units_;
  const Tensor kernel = kernel_of(call, {x.size(2), width}, options_);
  const Tensor recurrent_kernel =
      call.weight("recurrent_kernel", {units_, width}, options_.recurrent_initializer,
                  {options_.recurrent_regularizer, options_.recurrent_constraint});
  const bool reset_after = cell_ == RecurrentCell::gru && options_.reset_after;
  RecurrentOptions options = options_;
  if (cell_ == RecurrentCell::lstm && options.unit_forget_bias)
    options.bias_initializer = forgetting(options.bias_initializer, units_);
  const Tensor bias = bias_of(call, reset_after ? Shape{2, width} : Shape{width}, options);
  Tensor seen = as_float(x);
  if (mode.is_training() && options_.dropout > 0)
    seen = seen * dropout(ones({x.size(0), 1, x.size(2)}), options_.dropout, mode.next_key());
  Tensor recurrent_mask;  // of h in its recurrent products
  if (mode.is_training() && options_.recurrent_dropout > 0)
    recurrent_mask = dropout(ones(shape), options_.recurrent_dropout, mode.next_key());

  const auto state = [&](std::size_t i) { return initial_state.empty() ? Tensor() : initial_state[i]; };
  const SequenceOptions order{.go_backwards = options_.go_backwards,
                              .mask = mask.defined() ? mask : mode.mask_of(x),
                              .zero_output_for_mask = options_.zero_output_for_mask};
  const auto iterate = [&]() -> Scan {
    if (cell_ == RecurrentCell::lstm)
      return lstm(seen, kernel, recurrent_kernel, bias, {state(0), state(1)}, order, recurrent_mask);
    if (reset_after) return gru(seen, kernel, recurrent_kernel, bias, state(0), order, recurrent_mask);
    // The product is made with time in front, as the loop reads it.
    const Tensor product = matmul(moveaxis(seen, 1, 0), kernel);
    const Tensor projected = moveaxis(bias.defined() ? product + bias : product, 0, 1);
    const Tensor h = initial_state.empty() ? zeros(shape) : initial_state[0];
    return cell_ == RecurrentCell::gru
               ? gru_reset_before(projected, h, recurrent_kernel, recurrent_mask, order)
               : simple(projected, h, recurrent_kernel, recurrent_mask, activation_, order);
  };
  Scan result = iterate();
  if (order.mask.defined())
    mode.set_mask(result.sequence, order.go_backwards ? flip(order.mask, {1}) : order.mask);
  return result;
}

Bidirectional::Bidirectional(const Recurrent& layer, const BidirectionalOptions& options)
    : forward_(layer.anew("Forward", layer.options().go_backwards)),
      backward_(layer.anew("Backward", !layer.options().go_backwards)),
      state_(std::make_shared<LayerState>("Bidirectional", options.name)) {
  merge_ = choose(state_->display_name(), options.merge_mode, merges, "merge_mode");
}

Tensor Bidirectional::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  LayerCall call(state_, mode, {x});
  const Tensor given = mask.defined() ? mask : mode.mask_of(x);
  const Tensor forward = forward_(x, mode, given);
  Tensor backward = backward_(x, mode, given);
  if (backward.rank() == 3) backward = slice(backward, {{}, {.step = -1}});
  const Tensor merged = call.done(merge_(forward, backward));
  if (given.defined() && merged.rank() == 3) mode.set_mask(merged, given);
  return merged;
}

std::vector<Tensor> Bidirectional::weights() const {
  std::vector<Tensor> all = forward_.weights();
  const std::vector<Tensor> more = backward_.weights();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace hekla
