// The fully connected layer over any axes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/activation_function.h"
#include "train/layers/layer.h"

namespace hekla {

/// What EinsumDense takes, with Keras's names and defaults.
struct EinsumDenseOptions {
  std::string name = {};
  std::string bias_axes = {};  ///< axes of the result that the bias has, as "bc"; none: no bias
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation(einsum(equation, {x, kernel}) + bias). The equation is "x,kernel->y" with the letters of their axes;
/// in x and y "..." may stand for further axes in front of them, or for those behind them:
///
///   EinsumDense("ab,bc->ac", {64}, {.bias_axes = "c"})              Dense(64) of [batch, features]
///   EinsumDense("...x,xy->...y", {64}, {.bias_axes = "y"})          of any number of axes
///   EinsumDense("abc,cde->abde", {-1, 8, 16}, {.bias_axes = "de"})  8 heads of 16 features at each time
///
/// `output_shape` holds the sizes of y after the batch, without those of "...", -1 for one that is the size of x's axis of
/// that letter. The kernel's sizes follow, those of the bias are of y's axes named in bias_axes. Weights kernel and bias,
/// made at the first call; an initializer by fans takes as fan_in the product of the axes that are summed over. Bytes and
/// integers are taken as f32; the result keeps the mask of times of x. Throws hekla::Error at a call when x has another
/// number of axes or other sizes than the equation and output_shape say. (keras.layers.EinsumDense.)
class EinsumDense {
 public:
  /// Throws hekla::Error when the equation has another form, names an axis of y or of the kernel that stands nowhere else,
  /// or bias_axes names one that y lacks, and when output_shape has another number of sizes than y.
  EinsumDense(std::string equation, std::vector<std::int64_t> output_shape,
              ActivationFunction activation = {}, EinsumDenseOptions options = {});
  EinsumDense(std::string equation, std::vector<std::int64_t> output_shape, EinsumDenseOptions options)
      : EinsumDense(std::move(equation), std::move(output_shape), ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  struct Equation {
    std::string x, kernel, y;  // without "..."
    bool has_axes_before = false, has_axes_behind = false;
  };

  Equation parsed(const std::string& text) const;
  std::int64_t size_in_x(const Tensor& x, std::size_t letter) const;
  std::int64_t size_in_y(const Tensor& x, char name) const;

  std::string text_;
  std::vector<std::int64_t> output_shape_;
  ActivationFunction activation_;
  EinsumDenseOptions options_;
  std::shared_ptr<LayerState> state_;
  Equation equation_;
};

}  // namespace hekla
