// Lookahead.
#include "ops/optim/lookahead.h"

#include <algorithm>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/optimizer_state.h"

namespace hekla {

namespace {

struct LookaheadState : WrappedOptimizer {
  LookaheadState(const Optimizer& wrapped, const LookaheadOptions& o)
      : WrappedOptimizer(wrapped), options(o) {
    check_count(own_name, "sync_period", o.sync_period);
    check_fraction(own_name, "slow_step", o.slow_step);
  }

  const std::string& name() const override { return own_name; }

  void build(std::span<const Tensor> variables) override {
    inner.build(variables);
    if (!slow.empty()) return;
    const std::vector<std::string> labels = distinct_labels(variables);
    for (std::size_t i = 0; i < variables.size(); ++i)
      slow.push_back(variable(variables[i], labels[i] + "/slow"));
  }

  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients) override {
    build(variables);
    std::vector<Update> updates = inner.step(variables, gradients);
    const Tensor before = inner.iterations(), after = new_value(updates, before);
    // A step that only accumulates gradients, or is skipped, does not count.
    const Tensor due = equal(after % options.sync_period, 0) && after > before;
    std::vector<Update> of_slow;
    for (Update& update : updates) {
      const auto found = std::ranges::find(variables, update.variable.get(), &Tensor::get);
      if (found == variables.end()) continue;
      const Tensor& kept = slow[static_cast<std::size_t>(found - variables.begin())];
      const Tensor next = kept + options.slow_step * (update.value - kept);
      of_slow.push_back({kept, where(due, next, kept)});
      update.value = where(due, next, update.value);
    }
    updates.insert(updates.end(), of_slow.begin(), of_slow.end());
    return updates;
  }

  std::vector<Tensor> variables() const override {
    std::vector<Tensor> all = inner.variables();
    all.insert(all.end(), slow.begin(), slow.end());
    return all;
  }

  std::string own_name = "lookahead";
  LookaheadOptions options;
  std::vector<Tensor> slow;
};

}  // namespace

Lookahead::Lookahead(const Optimizer& inner, const LookaheadOptions& options)
    : Optimizer(std::make_shared<LookaheadState>(inner, options)) {}

}  // namespace hekla
