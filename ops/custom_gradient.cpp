// with_gradient.
#include "ops/custom_gradient.h"

#include "ops/create.h"
#include "ops/identity.h"

namespace hekla {

Composites with_gradient(Composites forward, CompositesRule rule, std::string name) {
  const auto gradients = [rule = std::move(rule)](const GradientRule& self,
                                                  const GradientRule::Arrived& arrived) {
    const std::vector<Tensor> ys(arrived.carriers.begin(), arrived.carriers.end());
    std::vector<Tensor> gs(arrived.gradients.begin(), arrived.gradients.end());
    for (std::size_t i = 0; i < gs.size(); ++i) {
      if (!gs[i].defined() && is_float(ys[i].dtype())) gs[i] = zeros(ys[i].shape());
    }
    return rule(self.inputs, ys, gs);
  };
  return
      [forward = std::move(forward), gradients, name = std::move(name)](const std::vector<Tensor>& inputs) {
        const auto whole = std::make_shared<GradientRule>(
            GradientRule{.name = name, .inputs = inputs, .outputs = forward(inputs), .vjp = gradients});
        std::vector<Tensor> results;
        for (std::size_t i = 0; i < whole->outputs.size(); ++i) results.push_back(carrier(whole, i));
        return results;
      };
}

Composite with_gradient(Composite forward, CompositeRule rule, std::string name) {
  const Composites several = with_gradient(
      [forward = std::move(forward)](const std::vector<Tensor>& inputs) {
        return std::vector{forward(inputs)};
      },
      [rule = std::move(rule)](const std::vector<Tensor>& inputs, const std::vector<Tensor>& ys,
                               const std::vector<Tensor>& gs) { return rule(inputs, ys[0], gs[0]); },
      std::move(name));
  return [several](const std::vector<Tensor>& inputs) { return several(inputs)[0]; };
}

}  // namespace hekla
