// Reverse mode: gradients built as graph nodes of the same operations, so they can be run, combined and
// differentiated again, to any order. docs/derivatives.md teaches all functions of this folder.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// How to treat a target that no output depends on.
enum class Unused {
  zeros,  ///< its gradient is zeros of its shape
  error,  ///< it is an error
};

/// The result for tensors listed between braces: an array of as many tensors, so that structured bindings
/// work: auto [dw, db] = grad(loss, {w, b});
template <std::size_t N>
std::array<Tensor, N> to_array(std::vector<Tensor> tensors) {
  std::array<Tensor, N> array;
  std::move(tensors.begin(), tensors.end(), array.begin());
  return array;
}

/// Gradients d loss / d target, each of its target's shape. Throws hekla::Error when `loss` is not one f32
/// number, a target is not f32, or the path from a target to the loss leads through an operation that is not
/// differentiable, which the message names.
std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> targets, Unused unused = Unused::zeros);
template <std::size_t N>
std::array<Tensor, N> grad(const Tensor& loss, const Tensor (&targets)[N], Unused unused = Unused::zeros) {
  return to_array<N>(grad(loss, std::span<const Tensor>(targets), unused));
}
/// The gradient of a single target.
template <std::same_as<Tensor> T>
Tensor grad(const Tensor& loss, const T& target, Unused unused = Unused::zeros) {
  return grad(loss, std::span<const Tensor>(&target, 1), unused)[0];
}

/// Gradients of the sum of several losses.
std::vector<Tensor> grad(std::span<const Tensor> losses, std::span<const Tensor> targets,
                         Unused unused = Unused::zeros);
template <std::size_t N>
std::array<Tensor, N> grad(std::initializer_list<Tensor> losses, const Tensor (&targets)[N],
                           Unused unused = Unused::zeros) {
  return to_array<N>(
      grad(std::span(losses.begin(), losses.size()), std::span<const Tensor>(targets), unused));
}

/// Vector-Jacobian products: for each target, the sum over outputs of cotangent^T (d output / d target).
/// There is a cotangent for each output, of its shape. Throws hekla::Error when it is not, when an output,
/// target or cotangent is not f32, and where grad does.
std::vector<Tensor> vjp(std::span<const Tensor> outputs, std::span<const Tensor> targets,
                        std::span<const Tensor> cotangents, Unused unused = Unused::zeros);
template <std::size_t N>
std::array<Tensor, N> vjp(std::initializer_list<Tensor> outputs, const Tensor (&targets)[N],
                          std::initializer_list<Tensor> cotangents, Unused unused = Unused::zeros) {
  return to_array<N>(vjp(std::span(outputs.begin(), outputs.size()), std::span<const Tensor>(targets),
                         std::span(cotangents.begin(), cotangents.size()), unused));
}
template <std::same_as<Tensor> T>
Tensor vjp(const T& output, const Tensor& target, const Tensor& cotangent, Unused unused = Unused::zeros) {
  return vjp(std::span<const Tensor>(&output, 1), std::span(&target, 1), std::span(&cotangent, 1), unused)[0];
}

struct ValueAndGradients {
  Tensor value;
  std::vector<Tensor> gradients;
};

/// f(inputs), one f32 number, and its gradients with respect to each input. The inputs count as different
/// variables, even where they are the same tensor or one is computed from another. Throws hekla::Error as
/// grad does.
ValueAndGradients value_and_grad(const std::function<Tensor(const std::vector<Tensor>& inputs)>& f,
                                 std::span<const Tensor> inputs, Unused unused = Unused::zeros);
ValueAndGradients value_and_grad(const std::function<Tensor(const std::vector<Tensor>& inputs)>& f,
                                 std::initializer_list<Tensor> inputs, Unused unused = Unused::zeros);

}  // namespace hekla
