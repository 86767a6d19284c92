// checkpoint: trades time for memory by recomputing instead of keeping intermediate values
// (rematerialization).
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// f(inputs), whose intermediate values are not kept for the gradient but recomputed when the gradient of the
/// result arrives. A long network of checkpointed pieces needs memory for the pieces' inputs and for the
/// inside of one piece. (Chen, Xu, Zhang, Guestrin: Training Deep Nets with Sublinear Memory Cost, 2016;
/// JAX's and PyTorch's checkpoint.)
/// What depends on the inputs counts as inside. Other tensors that f captures (weights, say) are kept and
/// receive their gradients. Derivatives of any order are those of f. A tensor from inside f is no target for
/// grad: nothing flows to it. f is called once, here.
std::vector<Tensor> checkpoint(const std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>& f,
                               std::span<const Tensor> inputs);
Tensor checkpoint(const std::function<Tensor(const std::vector<Tensor>& inputs)>& f,
                  std::initializer_list<Tensor> inputs);
/// The same for a function of one tensor, such as a layer.
Tensor checkpoint(const std::function<Tensor(const Tensor& input)>& f, const Tensor& input);

}  // namespace hekla
