// RNN: a recurrent layer of a cell of your own. recurrent.h has the usual ones.
//
//   struct Averaging {
//     std::vector<hk::Shape> state_size() const { return {{8}}; }
//     std::vector<hk::Tensor> operator()(const hk::Tensor& x, const std::vector<hk::Tensor>& state,
//                                        const hk::Mode& mode) const {
//       return {0.9 * state[0] + 0.1 * project(x, mode)};
//     }
//     hk::Dense project{8};
//   };
//   const hk::RNN layer{Averaging()};
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ops/nn/recurrent.h"
#include "train/layers/layer.h"

namespace hekla {

/// A cell: called with the features of a time, [batch, ..], the state and the mode, it gives the next state. state_size
/// tells the shapes of the state's tensors, without the batch. The first of them is the output, or, with a member
/// output_index, the one of that number. Layers of the cell are members, made once; they may draw random numbers, which
/// are the same at all times, and may not update a state of their own, as BatchNormalization does.
template <class Cell>
concept CustomCell = requires(const Cell& cell, const Tensor& x, const std::vector<Tensor>& state,
                              const Mode& mode) {
  { cell.state_size() } -> std::convertible_to<std::vector<Shape>>;
  { cell(x, state, mode) } -> std::convertible_to<std::vector<Tensor>>;
};

/// Holds any cell.
class RNNCell {
 public:
  template <class Cell>
  requires(!std::same_as<Cell, RNNCell> && CustomCell<Cell>) RNNCell(Cell cell)
      : state_size_(cell.state_size()) {
    if constexpr (requires { cell.output_index(); }) output_index_ = cell.output_index();
    step_ = [cell = std::move(cell)](const Tensor& x, const std::vector<Tensor>& state, const Mode& mode) {
      return cell(x, state, mode);
    };
  }

  const std::vector<Shape>& state_size() const { return state_size_; }
  /// Which tensor of the state is the output.
  std::size_t output_index() const { return output_index_; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state, const Mode& mode) const {
    return step_(x, state, mode);
  }

 private:
  std::vector<Shape> state_size_;
  std::size_t output_index_ = 0;
  std::function<std::vector<Tensor>(const Tensor&, const std::vector<Tensor>&, const Mode&)> step_;
};

/// What RNN takes, with Keras's names and defaults.
struct RNNOptions {
  std::string name = {};
  bool return_sequences = false;  ///< gives the output at all times, [batch, time, ..]
  bool go_backwards = false;      ///< from the last time to the first; a returned sequence is in this order
  bool zero_output_for_mask = false;  ///< a returned sequence is 0 at times that are left out
};

/// Iterates a cell over x [batch, time, ..] and returns the last output, or all of them. Masks as those of Recurrent.
/// Throws hekla::Error at a call when x has no features or no times, when the cell updates a layer's state, and as
/// hk::scan. (keras.layers.RNN, whose cells name the output apart from the state.)
class RNN {
 public:
  /// Throws hekla::Error when the cell has no state.
  explicit RNN(RNNCell cell, RNNOptions options = {});

  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& mask = {}) const;
  /// The whole sequence and the last state, from an initial state of the caller's; zeros without one. (Keras's
  /// return_state and initial_state.) Also throws hekla::Error when the state holds another number of tensors or other
  /// shapes.
  Scan run(const Tensor& x, std::vector<Tensor> initial_state = {}, const Mode& mode = {},
           const Tensor& mask = {}) const;

 private:
  Scan through(const Tensor& x, std::vector<Tensor> state, const Mode& mode, const Tensor& mask) const;

  RNNCell cell_;
  RNNOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
