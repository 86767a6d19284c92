// See recurrent_cells.h.
#include "train/layers/recurrent_cells.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

namespace {

std::vector<Tensor> together(const Tensor& x, const std::vector<Tensor>& state) {
  std::vector<Tensor> all{x};
  all.insert(all.end(), state.begin(), state.end());
  return all;
}

}  // namespace

WeightedCell::WeightedCell(std::string type, RecurrentCell cell, std::int64_t units,
                           RecurrentCellOptions options)
    : cell_(cell),
      units_(units),
      options_(std::move(options)),
      layer_(std::make_shared<LayerState>(std::move(type), options_.name, options_.trainable)) {
  check_recurrent(layer_->display_name(), units, options_.dropout, options_.recurrent_dropout);
}

std::vector<Tensor> WeightedCell::operator()(const Tensor& x, const std::vector<Tensor>& state,
                                             const Mode& mode) const {
  LayerCall call(layer_, mode, together(x, state));
  if (x.rank() != 2)
    throw Error(fmt::format("[{}] takes [batch, features], not {}.", layer_->name(), describe(x)));
  const std::vector<Tensor> before = checked_state(layer_->name(), state, state_size(), x.size(0));
  const auto [kernel, recurrent_kernel, bias] = recurrent_weights(call, cell_, x.size(1), units_, options_);
  const Tensor seen = dropped_inputs(as_float(x), false, options_.dropout, mode);
  const CellOptions cell = cell_options(options_, before[0].shape(), mode);
  if (cell_ == RecurrentCell::lstm) {
    const LstmState next = lstm_cell(seen, {before[0], before[1]}, kernel, recurrent_kernel, bias, cell);
    return call.done(std::vector<Tensor>{next.h, next.c});
  }
  const auto step = cell_ == RecurrentCell::gru ? gru_cell : simple_rnn_cell;
  return call.done(std::vector<Tensor>{step(seen, before[0], kernel, recurrent_kernel, bias, cell)});
}

StackedRNNCells::StackedRNNCells(std::vector<RNNCell> cells, const LayerOptions& options)
    : cells_(std::move(cells)), layer_(std::make_shared<LayerState>("StackedRNNCells", options.name)) {
  if (cells_.empty())
    throw Error(fmt::format("[{}] no cells; at least one is needed.", layer_->display_name()));
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].state_size().empty())
      throw Error(fmt::format("[{}] cell {} has no state; it must have at least one tensor, its output.",
                              layer_->display_name(), i));
  }
}

std::vector<Shape> StackedRNNCells::state_size() const {
  std::vector<Shape> all;
  for (const RNNCell& cell : cells_)
    all.insert(all.end(), cell.state_size().begin(), cell.state_size().end());
  return all;
}

std::size_t StackedRNNCells::output_index() const {
  const RNNCell& last = cells_.back();
  return state_size().size() - last.state_size().size() + last.output_index();
}

std::vector<Tensor> StackedRNNCells::operator()(const Tensor& x, const std::vector<Tensor>& state,
                                                const Mode& mode) const {
  LayerCall call(layer_, mode, together(x, state));
  if (state.size() != state_size().size())
    throw Error(fmt::format("[{}] the state holds {} tensors; it must hold {}.", layer_->name(), state.size(),
                            state_size().size()));
  std::vector<Tensor> all;
  Tensor output = x;
  auto first = state.begin();
  for (const RNNCell& cell : cells_) {
    const auto last = first + static_cast<std::ptrdiff_t>(cell.state_size().size());
    const std::vector<Tensor> next = cell(output, {first, last}, mode);
    output = next.at(cell.output_index());
    all.insert(all.end(), next.begin(), next.end());
    first = last;
  }
  return call.done(all);
}

}  // namespace hekla
