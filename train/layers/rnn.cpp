// See rnn.h.
#include "train/layers/rnn.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/reorder.h"

namespace hekla {

RNN::RNN(std::vector<Shape> state_size, Step step, RNNOptions options)
    : state_size_(std::move(state_size)),
      step_(std::move(step)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("RNN", options_.name)) {
  if (state_size_.empty())
    throw Error(fmt::format("[{}] the cell has no state; it must have at least one tensor, its output.",
                            state_->display_name()));
}

Tensor RNN::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  LayerCall call(state_, mode, {x});
  const Scan result = through(x, {}, mode, mask);
  return call.done(options_.return_sequences ? result.sequence : result.state[0]);
}

Scan RNN::run(const Tensor& x, std::vector<Tensor> initial_state, const Mode& mode,
              const Tensor& mask) const {
  std::vector<Tensor> inputs{x};
  inputs.insert(inputs.end(), initial_state.begin(), initial_state.end());
  LayerCall call(state_, mode, inputs);
  Scan result = through(x, std::move(initial_state), mode, mask);
  std::vector<Tensor> outputs{result.sequence};
  outputs.insert(outputs.end(), result.state.begin(), result.state.end());
  call.done(outputs);
  return result;
}

Scan RNN::through(const Tensor& x, std::vector<Tensor> state, const Mode& mode, const Tensor& mask) const {
  if (x.rank() < 3 || x.size(1) < 1)
    throw Error(fmt::format("[{}] takes [batch, time, ..] with features and at least one time, not {}.",
                            state_->name(), describe(x)));
  const bool is_given = !state.empty();
  if (is_given && state.size() != state_size_.size())
    throw Error(fmt::format("[{}] the state holds {} tensors; it must hold {}.", state_->name(), state.size(),
                            state_size_.size()));
  for (std::size_t i = 0; i < state_size_.size(); ++i) {
    Shape shape{x.size(0)};
    for (const std::int64_t size : state_size_[i]) shape.push_back(size);
    if (!is_given) state.push_back(zeros(shape));
    if (!(state[i].shape() == shape) || state[i].dtype() != DType::f32)
      throw Error(fmt::format("[{}] the state holds {}; it must be f32{}.", state_->name(),
                              describe(state[i]), to_string(shape)));
  }
  const SequenceOptions order{.go_backwards = options_.go_backwards,
                              .mask = mask.defined() ? mask : mode.mask_of(x),
                              .zero_output_for_mask = options_.zero_output_for_mask};
  const RecurrentStep step = [&](const Tensor& now, const std::vector<Tensor>& before) {
    return step_(now, before, mode);
  };
  const std::size_t updates = mode.record().updates.size();
  Scan result = scan(step, as_float(x), std::move(state), order);
  // An update made inside of the loop would read what exists only there.
  if (mode.record().updates.size() > updates)
    throw Error(
        fmt::format("[{}] the cell updates {}, a state of a layer of its own; keep it in the cell's state.",
                    state_->name(), describe(mode.record().updates[updates].variable)));
  if (order.mask.defined())
    mode.set_mask(result.sequence, order.go_backwards ? flip(order.mask, {1}) : order.mask);
  return result;
}

}  // namespace hekla
