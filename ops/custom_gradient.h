// A custom gradient for a composite function.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

using Composite = std::function<Tensor(const std::vector<Tensor>& inputs)>;
using Composites = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

/// The gradients of the inputs, each of its input's shape and dtype, given the result y and its gradient g;
/// an empty tensor where no gradient flows.
using CompositeRule =
    std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs, const Tensor& y, const Tensor& g)>;
/// The same for several results. The gradient of a result is zeros where none arrived, and empty where the
/// result is not f32.
using CompositesRule = std::function<std::vector<Tensor>(
    const std::vector<Tensor>& inputs, const std::vector<Tensor>& ys, const std::vector<Tensor>& gs)>;

/// A function with the value of `forward` and the gradient of `rule`: for rules that are better conditioned
/// or cheaper than the derived one, or that differ on purpose (a straight-through estimator). The rule is
/// called when the function's result is differentiated. It returns graph, which can be differentiated again
/// as far as its operations can. Gradients flow to the inputs only, never to a tensor that `forward`
/// captures. `name` appears in errors: grad throws hekla::Error when the rule returns another number of
/// gradients than there are inputs, or one of another shape or dtype than its input.
Composite with_gradient(Composite forward, CompositeRule rule, std::string name = "with_gradient");
Composites with_gradient(Composites forward, CompositesRule rule, std::string name = "with_gradient");

}  // namespace hekla
