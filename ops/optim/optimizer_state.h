// What stands behind an optimizer's handle: a rule and its variables, or another optimizer and what is around it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/optim/optimizer.h"

namespace hekla {

/// The functions of an Optimizer.
struct Optimizer::State {
  virtual ~State() = default;
  virtual std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients) = 0;
  virtual void build(std::span<const Tensor> variables) = 0;
  virtual Tensor scale_loss(const Tensor& loss) const { return loss; }
  virtual const std::string& name() const = 0;
  virtual Tensor learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;
  virtual const Tensor& iterations() const = 0;
  virtual std::vector<Tensor> variables() const = 0;
  virtual bool keeps_averages() const = 0;
  virtual std::vector<Update> use_averages() const = 0;
  virtual std::vector<Update> swap_averages() const = 0;
};

/// An optimizer around another one, which does everything that the outer one does not change.
struct WrappedOptimizer : Optimizer::State {
  explicit WrappedOptimizer(Optimizer wrapped) : inner(std::move(wrapped)) {}
  void build(std::span<const Tensor> variables) override { inner.build(variables); }
  Tensor scale_loss(const Tensor& loss) const override { return inner.scale_loss(loss); }
  Tensor learning_rate() const override { return inner.learning_rate(); }
  void set_learning_rate(double rate) override { inner.set_learning_rate(rate); }
  const Tensor& iterations() const override { return inner.iterations(); }
  bool keeps_averages() const override { return inner.keeps_averages(); }
  std::vector<Update> use_averages() const override { return inner.use_averages(); }
  std::vector<Update> swap_averages() const override { return inner.swap_averages(); }

  Optimizer inner;
};

/// The state of an optimizer that follows a rule. Throws hekla::Error as Optimizer.
std::shared_ptr<Optimizer::State> rule_state(OptimizerRule rule, const LearningRate& learning_rate,
                                             const UpdateOptions& options);

/// The variables' labels, equal ones distinguished by _1, _2, ...
std::vector<std::string> distinct_labels(std::span<const Tensor> variables);
/// The same of any names.
std::vector<std::string> distinct(const std::vector<std::string>& names);

/// True where `label` contains one of the words.
bool holds_any(const std::string& label, const std::vector<std::string>& words);

/// Throws hekla::Error, which begins with [owner], unless there is a gradient for each variable.
void check_pairs(std::string_view owner, std::span<const Tensor> variables,
                 std::span<const Tensor> gradients);

/// The new value of `variable` among the updates, or the variable where there is none.
const Tensor& new_value(std::span<const Update> updates, const Tensor& variable);

}  // namespace hekla
