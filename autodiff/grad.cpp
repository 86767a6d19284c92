// Gradients and vector-Jacobian products.
#include "autodiff/grad.h"

#include <fmt/format.h>

#include "autodiff/check.h"
#include "autodiff/identity.h"
#include "autodiff/reverse.h"
#include "graph/error.h"
#include "ops/create.h"

namespace hekla {

namespace {

template <class T>
std::span<const T> span_of(std::initializer_list<T> list) {
  return {list.begin(), list.size()};
}

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

std::vector<Tensor> grad(std::initializer_list<Tensor> losses, std::initializer_list<Tensor> targets,
                         Unused unused) {
  return grad(span_of(losses), span_of(targets), unused);
}

std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> targets, Unused unused) {
  return grad(std::span<const Tensor>(&loss, 1), targets, unused);
}

std::vector<Tensor> grad(const Tensor& loss, std::initializer_list<Tensor> targets, Unused unused) {
  return grad(loss, span_of(targets), unused);
}

Tensor grad(const Tensor& loss, const Tensor& target, Unused unused) {
  return grad(loss, std::span<const Tensor>(&target, 1), unused)[0];
}

std::vector<Tensor> vjp(std::span<const Tensor> outputs, std::span<const Tensor> targets,
                        std::span<const Tensor> cotangents, Unused unused) {
  check_vectors("vjp", "output", outputs, "cotangent", cotangents);
  check_f32("vjp", "target", targets);
  return complete("vjp", pull_back("vjp", outputs, targets, cotangents), targets, unused);
}

std::vector<Tensor> vjp(std::initializer_list<Tensor> outputs, std::initializer_list<Tensor> targets,
                        std::initializer_list<Tensor> cotangents, Unused unused) {
  return vjp(span_of(outputs), span_of(targets), span_of(cotangents), unused);
}

Tensor vjp(const Tensor& output, const Tensor& target, const Tensor& cotangent, Unused unused) {
  return vjp(std::span(&output, 1), std::span(&target, 1), std::span(&cotangent, 1), unused)[0];
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
  return value_and_grad(f, span_of(inputs), unused);
}

}  // namespace hekla
