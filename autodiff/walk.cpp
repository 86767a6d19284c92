// The edges along which gradients flow.
#include "autodiff/walk.h"

#include "ops/elementwise.h"
#include "ops/identity.h"

namespace hekla {

std::span<const Tensor> gradient_edges(const Tensor& x) {
  const Node& node = x.node();
  if (node.rule) return node.rule->inputs;
  if (node.op == &stop_gradient_op) return {};
  if (node.op == &tie_in_op) return {node.inputs.data(), 1};
  return node.inputs;
}

}  // namespace hekla
