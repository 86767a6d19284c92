// See rnn.h.
#include "train/layers/rnn.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "train/layers/recurrent_parts.h"

namespace hekla {

RNN::RNN(RNNCell cell, RNNOptions options)
    : cell_(std::move(cell)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("RNN", options_.name)) {
  if (cell_.state_size().empty())
    throw Error(fmt::format("[{}] the cell has no state; it must have at least one tensor, its output.",
                            state_->display_name()));
}

Tensor RNN::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  return call_over_times(state_, x, mode, options_.return_sequences, [&](const LayerCall&) {
    Scan result = through(x, {}, mode, mask);
    result.state = {result.state[cell_.output_index()]};
    return result;
  });
}

Scan RNN::run(const Tensor& x, std::vector<Tensor> initial_state, const Mode& mode,
              const Tensor& mask) const {
  return run_over_times(state_, x, initial_state, mode,
                        [&](const LayerCall&) { return through(x, initial_state, mode, mask); });
}

Scan RNN::through(const Tensor& x, std::vector<Tensor> state, const Mode& mode, const Tensor& mask) const {
  if (x.rank() < 3 || x.size(1) < 1)
    throw Error(fmt::format("[{}] takes [batch, time, ..] with features and at least one time, not {}.",
                            state_->name(), describe(x)));
  state = checked_state(state_->name(), std::move(state), cell_.state_size(), x.size(0));
  const SequenceOptions order{.go_backwards = options_.go_backwards,
                              .mask = times_that_count(x, mode, mask),
                              .zero_output_for_mask = options_.zero_output_for_mask};
  // scan takes the first tensor of a state for the output.
  const auto with_output_first = [&](std::vector<Tensor> tensors) {
    if (cell_.output_index() < tensors.size()) std::swap(tensors[0], tensors[cell_.output_index()]);
    return tensors;
  };
  const RecurrentStep step = [&](const Tensor& now, const std::vector<Tensor>& before) {
    return with_output_first(cell_(now, with_output_first(before), mode));
  };
  const std::size_t updates = mode.record().updates.size();
  Scan result = scan(step, as_float(x), with_output_first(std::move(state)), order);
  result.state = with_output_first(std::move(result.state));
  // An update made inside of the loop would read what exists only there.
  if (mode.record().updates.size() > updates)
    throw Error(
        fmt::format("[{}] the cell updates {}, a state of a layer of its own; keep it in the cell's state.",
                    state_->name(), describe(mode.record().updates[updates].variable)));
  hand_on_mask(result, order, mode);
  return result;
}

}  // namespace hekla
