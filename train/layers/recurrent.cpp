// See recurrent.h.
#include "train/layers/recurrent.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/view.h"

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

}  // namespace

Recurrent::Recurrent(std::string type, RecurrentCell cell, std::int64_t units, RecurrentOptions options)
    : cell_(cell),
      units_(units),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(std::move(type), options_.name, options_.trainable)) {
  check_recurrent(state_->display_name(), units, options_.dropout, options_.recurrent_dropout);
}

Recurrent Recurrent::anew(const std::string& prefix, bool go_backwards) const {
  Recurrent other = *this;
  other.options_.name.clear();
  other.options_.go_backwards = go_backwards;
  other.state_ = std::make_shared<LayerState>(prefix + state_->type(), "", options_.trainable);
  return other;
}

Tensor Recurrent::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  return call_over_times(state_, x, mode, options_.return_sequences,
                         [&](const LayerCall& call) { return through(call, x, {}, mode, mask); });
}

Scan Recurrent::run(const Tensor& x, std::vector<Tensor> initial_state, const Mode& mode,
                    const Tensor& mask) const {
  return run_over_times(state_, x, initial_state, mode,
                        [&](const LayerCall& call) { return through(call, x, initial_state, mode, mask); });
}

Scan Recurrent::through(const LayerCall& call, const Tensor& x, const std::vector<Tensor>& initial_state,
                        const Mode& mode, const Tensor& mask) const {
  if (x.rank() != 3 || x.size(1) < 1)
    throw Error(fmt::format("[{}] takes [batch, time, features] with at least one time, not {}.",
                            state_->name(), describe(x)));
  const std::vector<Tensor> start =
      checked_state(state_->name(), initial_state, state_size_of(cell_, units_), x.size(0));
  const RecurrentWeights weights = recurrent_weights(call, cell_, x.size(2), units_, options_);
  const Tensor seen = dropped_inputs(as_float(x), true, options_.dropout, mode);
  const CellOptions cell = cell_options(options_, start[0].shape(), mode);
  const SequenceOptions order{.go_backwards = options_.go_backwards,
                              .mask = times_that_count(x, mode, mask),
                              .zero_output_for_mask = options_.zero_output_for_mask};
  const auto iterate = [&]() -> Scan {
    const auto& [kernel, recurrent_kernel, bias] = weights;
    if (cell_ == RecurrentCell::lstm)
      return lstm(seen, kernel, recurrent_kernel, bias, {start[0], start[1]}, order, cell);
    const auto run = cell_ == RecurrentCell::gru ? gru : simple_rnn;
    return run(seen, kernel, recurrent_kernel, bias, start[0], order, cell);
  };
  Scan result = iterate();
  hand_on_mask(result, order, mode);
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
