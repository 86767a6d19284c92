// Gradients and vector-Jacobian products.
#include "autodiff/grad.h"

#include <fmt/format.h>

#include "autodiff/check.h"
#include "autodiff/reverse.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/identity.h"

namespace hekla {

namespace {

std::vector<Tensor> complete(std::string_view caller, std::vector<Tensor> gradients,
                             std::span<const Tensor> targets, Unused unused) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (gradients[i].defined()) continue;
    if (unused == Unused::error) {
      throw Error(fmt::format(
          "[{}] no gradient flows to target {}, {}; let an output depend on it or ask for Unused::zeros.",
          caller, i + 1, describe(targets[i])));
    }
    gradients[i] = zeros_like(targets[i]);
  }
  return gradients;
}

std::vector<Tensor> gradients_of(std::string_view caller, std::span<const Tensor> losses,
                                 std::span<const Tensor> targets, Unused unused) {
  std::vector<Tensor> ones;
  for (const Tensor& loss : losses) {
    check_loss(caller, loss);
    ones.push_back(ones_like(loss));
  }
  check_f32(caller, "target", targets);
  return complete(caller, pull_back(caller, losses, targets, ones), targets, unused);
}

}  // namespace

std::vector<Tensor> grad(std::span<const Tensor> losses, std::span<const Tensor> targets, Unused unused) {
  return gradients_of("grad", losses, targets, unused);
}

std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> targets, Unused unused) {
  return grad(std::span<const Tensor>(&loss, 1), targets, unused);
}

std::vector<Tensor> vjp(std::span<const Tensor> outputs, std::span<const Tensor> targets,
                        std::span<const Tensor> cotangents, Unused unused) {
  check_vectors("vjp", "output", outputs, "cotangent", cotangents);
  check_f32("vjp", "target", targets);
  return complete("vjp", pull_back("vjp", outputs, targets, cotangents), targets, unused);
}

ValueAndGradients value_and_grad(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                                 std::span<const Tensor> inputs, Unused unused) {
  std::vector<Tensor> own;
  for (const Tensor& input : inputs) own.push_back(identity(input));
  const Tensor value = f(own);
  return {value, gradients_of("value_and_grad", {&value, 1}, own, unused)};
}

ValueAndGradients value_and_grad(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                                 std::initializer_list<Tensor> inputs, Unused unused) {
  return value_and_grad(f, std::span(inputs.begin(), inputs.size()), unused);
}

}  // namespace hekla
