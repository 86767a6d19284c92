// Jacobians and Hessians as whole matrices, and Hessian-vector products.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autodiff/grad.h"

namespace hekla {

/// J[i.., j..] = d output[i..] / d target[j..]; its shape is the output's, then the target's. Computed row by
/// row in reverse mode or column by column in forward mode, whichever are fewer: meant for small vectors.
/// Zeros where the output does not depend on the target. Throws hekla::Error as vjp does.
Tensor jacobian(const Tensor& output, const Tensor& target);

/// H[i.., j..] = d^2 loss / d target[i..] d target[j..]; its shape is the target's, twice. Throws
/// hekla::Error as grad does.
Tensor hessian(const Tensor& loss, const Tensor& target);

/// Hessian-vector products: for each target, the sum over the other targets of (d^2 loss / d target d other)
/// tangent, without building the Hessian: the work is a small multiple of the gradient's. There is a tangent
/// for each target, of its shape. Throws hekla::Error as grad does, and for a tangent of another shape or
/// dtype.
std::vector<Tensor> hvp(const Tensor& loss, std::span<const Tensor> targets,
                        std::span<const Tensor> tangents);
template <std::size_t N>
std::array<Tensor, N> hvp(const Tensor& loss, const Tensor (&targets)[N],
                          std::initializer_list<Tensor> tangents) {
  return to_array<N>(
      hvp(loss, std::span<const Tensor>(targets), std::span(tangents.begin(), tangents.size())));
}
template <std::same_as<Tensor> T>
Tensor hvp(const Tensor& loss, const T& target, const Tensor& tangent) {
  return hvp(loss, std::span<const Tensor>(&target, 1), std::span(&tangent, 1))[0];
}

}  // namespace hekla
