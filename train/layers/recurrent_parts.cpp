// See recurrent_parts.h.
#include "train/layers/recurrent_parts.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/join.h"
#include "ops/nn/dropout.h"
#include "ops/reorder.h"

namespace hekla {

std::int64_t gates_of(RecurrentCell cell) {
  return cell == RecurrentCell::lstm ? 4 : cell == RecurrentCell::gru ? 3 : 1;
}

std::vector<Shape> state_size_of(RecurrentCell cell, std::int64_t units) {
  return std::vector<Shape>(cell == RecurrentCell::lstm ? 2 : 1, Shape{units});
}

void check_recurrent(std::string_view layer, std::int64_t units, double dropout, double recurrent_dropout) {
  if (units < 1) throw Error(fmt::format("[{}] {} units; at least one is needed.", layer, units));
  const auto check_rate = [&](std::string_view what, double rate) {
    if (!(rate >= 0 && rate <= 1))
      throw Error(fmt::format("[{}] {} is {}; it must lie in [0, 1].", layer, what, rate));
  };
  check_rate("dropout", dropout);
  check_rate("recurrent_dropout", recurrent_dropout);
}

std::vector<Tensor> checked_state(std::string_view layer, std::vector<Tensor> state,
                                  const std::vector<Shape>& sizes, std::int64_t batch) {
  const bool is_given = !state.empty();
  if (is_given && state.size() != sizes.size())
    throw Error(
        fmt::format("[{}] the state holds {} tensors; it must hold {}.", layer, state.size(), sizes.size()));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Shape shape{batch};
    for (const std::int64_t size : sizes[i]) shape.push_back(size);
    if (!is_given) state.push_back(zeros(shape));
    if (!(state[i].shape() == shape) || state[i].dtype() != DType::f32)
      throw Error(fmt::format("[{}] the state holds {}; it must be f32{}.", layer, describe(state[i]),
                              to_string(shape)));
  }
  return state;
}

Initializer forgetting(const Initializer& initializer, std::int64_t units) {
  return [initializer, units](const Shape&, const RandomKey& key) {
    const std::vector<RandomKey> keys = split(key, 2);
    return concat({initializer({units}, keys[0]), ones({units}), initializer({2 * units}, keys[1])}, 0);
  };
}

Tensor dropped_inputs(const Tensor& x, bool has_times, double rate, const Mode& mode) {
  if (!mode.is_training() || rate == 0) return x;
  Shape shape = x.shape();
  if (has_times) shape[1] = 1;
  return x * dropout(ones(shape), rate, mode.next_key());
}

Tensor recurrent_mask_of(const Shape& shape, double rate, const Mode& mode) {
  if (!mode.is_training() || rate == 0) return {};
  return dropout(ones(shape), rate, mode.next_key());
}

Tensor times_that_count(const Tensor& x, const Mode& mode, const Tensor& given) {
  return given.defined() ? given : mode.mask_of(x);
}

void hand_on_mask(const Scan& result, const SequenceOptions& order, const Mode& mode) {
  if (order.mask.defined())
    mode.set_mask(result.sequence, order.go_backwards ? flip(order.mask, {1}) : order.mask);
}

Tensor call_over_times(const std::shared_ptr<LayerState>& state, const Tensor& x, const Mode& mode,
                       bool return_sequences, const std::function<Scan(const LayerCall&)>& through) {
  LayerCall call(state, mode, {x});
  const Scan result = through(call);
  return call.done(return_sequences ? result.sequence : result.state[0]);
}

Scan run_over_times(const std::shared_ptr<LayerState>& state, const Tensor& x,
                    const std::vector<Tensor>& initial_state, const Mode& mode,
                    const std::function<Scan(const LayerCall&)>& through) {
  std::vector<Tensor> inputs{x};
  inputs.insert(inputs.end(), initial_state.begin(), initial_state.end());
  LayerCall call(state, mode, inputs);
  Scan result = through(call);
  std::vector<Tensor> outputs{result.sequence};
  outputs.insert(outputs.end(), result.state.begin(), result.state.end());
  call.done(outputs);
  return result;
}

}  // namespace hekla
