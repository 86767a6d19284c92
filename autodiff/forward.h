// Forward mode: Jacobian-vector products (jvp).
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autodiff/grad.h"

namespace hekla {

/// Jacobian-vector products: for each output, the sum over targets of (d output / d target) tangent, the
/// change of the output when each target moves along its tangent. There is a tangent for each target, of its
/// shape. Made of two reverse passes, since a vjp is linear in its cotangent and the jvp is that linear map's
/// transpose; the first leaves nothing behind to be computed. Throws hekla::Error when an output, target or
/// tangent is not f32, a tangent has another shape, a custom rule is not linear in the gradient it is given,
/// and where grad does.
std::vector<Tensor> jvp(std::span<const Tensor> outputs, std::span<const Tensor> targets,
                        std::span<const Tensor> tangents);
template <std::size_t N>
std::array<Tensor, N> jvp(const Tensor (&outputs)[N], std::initializer_list<Tensor> targets,
                          std::initializer_list<Tensor> tangents) {
  return to_array<N>(jvp(std::span<const Tensor>(outputs), std::span(targets.begin(), targets.size()),
                         std::span(tangents.begin(), tangents.size())));
}
template <std::same_as<Tensor> T>
Tensor jvp(const T& output, const Tensor& target, const Tensor& tangent) {
  return jvp(std::span<const Tensor>(&output, 1), std::span(&target, 1), std::span(&tangent, 1))[0];
}

}  // namespace hekla
