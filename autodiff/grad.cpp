// Reverse-mode differentiation: walk the graph from the loss back to the targets, ask each operation on the
// way what its inputs' gradients are, and add up where ways meet.
#include "autodiff/grad.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

void check(const Tensor& loss, std::span<const Tensor> targets) {
  if (loss.count() != 1 || loss.dtype() != DType::f32) {
    throw Error(fmt::format("[grad] the loss is {}; it must be one f32 number (see hk::sum and hk::mean).",
                            describe(loss)));
  }
  for (const Tensor& target : targets) {
    if (target.dtype() != DType::f32) {
      throw Error(
          fmt::format("[grad] target {} is not f32; only f32 tensors have gradients.", describe(target)));
    }
  }
}

}  // namespace

std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> targets) {
  check(loss, targets);
  const std::vector<const Node*> order = topological_order({&loss, 1});

  // Nodes on a way from a target to the loss; nothing else needs a gradient.
  std::unordered_set<const Node*> on_way;
  for (const Tensor& target : targets) on_way.insert(target.get());
  for (const Node* node : order) {
    if (node->op == &stop_gradient_op) continue;
    for (const Tensor& input : node->inputs) {
      if (on_way.contains(input.get())) on_way.insert(node);
    }
  }

  // Handles to the nodes, since rules take the output as a tensor.
  std::unordered_map<const Node*, Tensor> handle{{loss.get(), loss}};
  for (const Node* node : order) {
    for (const Tensor& input : node->inputs) handle.emplace(input.get(), input);
  }

  std::unordered_map<const Node*, Tensor> gradient;
  if (on_way.contains(loss.get())) gradient[loss.get()] = ones_like(loss);
  for (auto position = order.rbegin(); position != order.rend(); ++position) {
    const Node* node = *position;
    const auto arrived = gradient.find(node);
    if (arrived == gradient.end() || node->inputs.empty()) continue;
    bool goes_on = false;
    for (const Tensor& input : node->inputs) goes_on |= on_way.contains(input.get());
    if (!goes_on) continue;
    const Tensor y = handle.at(node);
    if (node->op->vjp == nullptr || !is_float(node->dtype)) {
      throw Error(
          fmt::format("[grad] {} ({}) is not differentiable and lies between the loss and a target; use "
                      "stop_gradient where no gradient is wanted.",
                      node->op->name, describe(y)));
    }
    const std::vector<Tensor> gradients = node->op->vjp(y, arrived->second);
    if (gradients.size() != node->inputs.size()) {
      throw Error(
          fmt::format("[grad] the rule of {} gives {} gradients for {} operands; it gives one for each, an "
                      "empty tensor where nothing flows.",
                      node->op->name, gradients.size(), node->inputs.size()));
    }
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      const Node* input = node->inputs[i].get();
      if (!gradients[i].defined() || !on_way.contains(input)) continue;
      if (!(gradients[i].shape() == input->shape) || gradients[i].dtype() != input->dtype) {
        throw Error(
            fmt::format("[grad] the rule of {} gives {} for operand {}, which is {}; a gradient has its "
                        "operand's shape and dtype.",
                        node->op->name, describe(gradients[i]), i + 1, describe(node->inputs[i])));
      }
      Tensor& total = gradient[input];
      total = total.defined() ? total + gradients[i] : gradients[i];
    }
  }

  std::vector<Tensor> results;
  for (const Tensor& target : targets) {
    const auto found = gradient.find(target.get());
    results.push_back(found != gradient.end() ? found->second : zeros_like(target));
  }
  return results;
}

std::vector<Tensor> grad(const Tensor& loss, std::initializer_list<Tensor> targets) {
  return grad(loss, std::span<const Tensor>(targets.begin(), targets.size()));
}

Tensor grad(const Tensor& loss, const Tensor& target) {
  return grad(loss, std::span<const Tensor>(&target, 1))[0];
}

}  // namespace hekla
