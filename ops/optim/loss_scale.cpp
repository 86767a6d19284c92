// Loss scaling.
#include "ops/optim/loss_scale.h"

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/optimizer_state.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

struct LossScaleState : WrappedOptimizer {
  LossScaleState(const Optimizer& wrapped, const LossScaleOptions& o)
      : WrappedOptimizer(wrapped), options(o) {
    check_positive(own_name, "initial_scale", o.initial_scale);
    check_count(own_name, "dynamic_growth_steps", o.dynamic_growth_steps);
    counter = variable(zeros({}, DType::i32), "step_counter");
    scale = variable(constant(o.initial_scale), "dynamic_scale");
  }

  const std::string& name() const override { return own_name; }
  Tensor scale_loss(const Tensor& loss) const override { return inner.scale_loss(loss) * scale; }

  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients) override {
    std::vector<Tensor> unscaled;
    Tensor finite = ones({}, DType::boolean);
    for (const Tensor& g : gradients) {
      finite = finite && all(isfinite(g));
      unscaled.push_back(g / scale);
    }
    std::vector<Update> updates = inner.step(variables, unscaled);
    for (Update& update : updates) update.value = where(finite, update.value, update.variable);
    const Tensor grows = finite && equal(counter, options.dynamic_growth_steps - 1);
    updates.push_back({counter, where(finite && !grows, counter + 1, 0)});
    updates.push_back({scale, scale * where(grows, 2.0, where(finite, 1.0, 0.5))});
    return updates;
  }

  std::vector<Tensor> variables() const override {
    std::vector<Tensor> all = inner.variables();
    all.insert(all.begin(), {counter, scale});
    return all;
  }

  std::string own_name = "loss_scale_optimizer";
  LossScaleOptions options;
  Tensor counter, scale;
};

}  // namespace

LossScaleOptimizer::LossScaleOptimizer(const Optimizer& inner, const LossScaleOptions& options)
    : Optimizer(std::make_shared<LossScaleState>(inner, options)) {}

}  // namespace hekla
