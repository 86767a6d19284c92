// What the layers that iterate over times have in common: their weights, dropout, states and masks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "ops/nn/recurrent.h"
#include "train/layers/kernel_and_bias.h"
#include "train/layers/layer.h"

namespace hekla {

/// The cell of a recurrent layer.
enum class RecurrentCell { simple, lstm, gru };

/// The number of gates, for which the weights of a cell lie side by side.
std::int64_t gates_of(RecurrentCell cell);
/// The shapes of the state, without the batch.
std::vector<Shape> state_size_of(RecurrentCell cell, std::int64_t units);

/// Throws hekla::Error `[layer] ...` unless `units` is positive and both kinds of dropout lie in [0, 1].
void check_recurrent(std::string_view layer, std::int64_t units, double dropout, double recurrent_dropout);

/// The state, or zeros where none is given. Throws hekla::Error `[layer] ...` when it holds another number of tensors or
/// other shapes than [batch] and `sizes`.
std::vector<Tensor> checked_state(std::string_view layer, std::vector<Tensor> state,
                                  const std::vector<Shape>& sizes, std::int64_t batch);

/// Starts the bias of the forget gate, the second of four, at 1.
Initializer forgetting(const Initializer& initializer, std::int64_t units);

/// In training, x of which features are dropped; the same ones at all times of an x with times on axis 1.
Tensor dropped_inputs(const Tensor& x, bool has_times, double rate, const Mode& mode);
/// In training, what is multiplied with h in its products; empty without dropout.
Tensor recurrent_mask_of(const Shape& shape, double rate, const Mode& mode);

struct RecurrentWeights {
  Tensor kernel, recurrent_kernel;
  Tensor bias;  ///< empty without
};

/// The weights of a cell whose input has `features`.
template <class Options>
RecurrentWeights recurrent_weights(const LayerCall& call, RecurrentCell cell, std::int64_t features,
                                   std::int64_t units, Options options) {
  const std::int64_t width = gates_of(cell) * units;
  RecurrentWeights weights;
  weights.kernel = kernel_of(call, {features, width}, options);
  weights.recurrent_kernel = call.weight("recurrent_kernel", {units, width}, options.recurrent_initializer,
                                         {options.recurrent_regularizer, options.recurrent_constraint});
  if (cell == RecurrentCell::lstm && options.unit_forget_bias)
    options.bias_initializer = forgetting(options.bias_initializer, units);
  const bool has_two = cell == RecurrentCell::gru && options.reset_after;
  weights.bias = bias_of(call, has_two ? Shape{2, width} : Shape{width}, options);
  return weights;
}

/// The functions of a cell. `shape` is that of h.
template <class Options>
CellOptions cell_options(const Options& options, const Shape& shape, const Mode& mode) {
  return {.activation = options.activation,
          .recurrent_activation = options.recurrent_activation,
          .recurrent_mask = recurrent_mask_of(shape, options.recurrent_dropout, mode),
          .reset_after = options.reset_after};
}

/// The mask that is given, or that of x; empty without.
Tensor times_that_count(const Tensor& x, const Mode& mode, const Tensor& given);
/// Says which times of the sequence count.
void hand_on_mask(const Scan& result, const SequenceOptions& order, const Mode& mode);

/// A call of a layer that gives the last output or all of them.
Tensor call_over_times(const std::shared_ptr<LayerState>& state, const Tensor& x, const Mode& mode,
                       bool return_sequences, const std::function<Scan(const LayerCall&)>& through);
/// A call of a layer that gives the whole sequence and the last state.
Scan run_over_times(const std::shared_ptr<LayerState>& state, const Tensor& x,
                    const std::vector<Tensor>& initial_state, const Mode& mode,
                    const std::function<Scan(const LayerCall&)>& through);

}  // namespace hekla
