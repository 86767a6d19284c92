// The handle of an optimizer.
#include "ops/optim/optimizer.h"

#include <utility>

#include "ops/optim/optimizer_state.h"

namespace hekla {

Optimizer::Optimizer(OptimizerRule rule, const LearningRate& learning_rate, const UpdateOptions& options)
    : Optimizer(rule_state(std::move(rule), learning_rate, options)) {}

Optimizer::Optimizer(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::vector<Update> Optimizer::step(std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  return state_->step(variables, gradients);
}

void Optimizer::build(std::span<const Tensor> variables) { state_->build(variables); }
Tensor Optimizer::scale_loss(const Tensor& loss) const { return state_->scale_loss(loss); }
const std::string& Optimizer::name() const { return state_->name(); }
Tensor Optimizer::learning_rate() const { return state_->learning_rate(); }
void Optimizer::set_learning_rate(double rate) { state_->set_learning_rate(rate); }
const Tensor& Optimizer::iterations() const { return state_->iterations(); }
std::vector<Tensor> Optimizer::variables() const { return state_->variables(); }
bool Optimizer::keeps_averages() const { return state_->keeps_averages(); }
std::vector<Update> Optimizer::use_averages() const { return state_->use_averages(); }
std::vector<Update> Optimizer::swap_averages() const { return state_->swap_averages(); }

}  // namespace hekla
