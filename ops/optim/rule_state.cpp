// Optimizers that follow a rule: what all of them share.

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/optimizer_state.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

// The factor that scales a gradient down to norm `limit`; exactly 1 where its norm is at most `limit`.
Tensor shrinkage(const Tensor& squares, double limit) { return limit / maximum(sqrt(squares), limit); }

void clip_gradients(std::vector<Tensor>& gradients, const UpdateOptions& options) {
  Tensor squares;
  for (Tensor& g : gradients) {
    if (options.clipvalue) g = clip(g, -*options.clipvalue, *options.clipvalue);
    if (options.clipnorm) g = g * shrinkage(sum(square(g)), *options.clipnorm);
    if (options.global_clipnorm) squares = squares.defined() ? squares + sum(square(g)) : sum(square(g));
  }
  if (!squares.defined()) return;
  const Tensor factor = shrinkage(squares, *options.global_clipnorm);
  for (Tensor& g : gradients) g = g * factor;
}

// Checks the number of values that a custom rule returns.
void check_values(const OptimizerRule& rule, std::string_view what, std::size_t kept, std::size_t given) {
  if (kept == given) return;
  throw Error(fmt::format("[{}] the rule keeps {} {} and gives {} new values; each needs one.", rule.name,
                          kept, what, given));
}

struct RuleState : Optimizer::State {
  // A trained variable and its state.
  struct Trained {
    Tensor x;
    std::size_t rule;
    std::vector<Tensor> slots;
    Tensor accumulator, average;  // empty if unused
  };

  RuleState(OptimizerRule rule, const LearningRate& learning_rate, const UpdateOptions& options);

  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients) override;
  void build(std::span<const Tensor> variables) override;
  const std::string& name() const override { return own_name; }
  // With a schedule, a new expression at each call: a shared node would keep the value that somebody has
  // read.
  Tensor learning_rate() const override {
    return rate.defined() ? rate : schedule.at(cast(counter, DType::f32), own_name);
  }
  void set_learning_rate(double rate) override;
  const Tensor& iterations() const override { return counter; }
  std::vector<Tensor> variables() const override;
  bool keeps_averages() const override { return options.use_ema; }
  std::vector<Update> use_averages() const override;
  std::vector<Update> swap_averages() const override;

  void check_variables(std::span<const Tensor> variables) const;
  void check_gradients(std::span<const Tensor> variables, std::span<const Tensor> gradients) const;
  void check_averages() const;

  std::string own_name;
  std::vector<OptimizerRule> rules;  // one, or the alternatives
  std::function<std::size_t(const Tensor& variable)> choose;
  UpdateOptions options;
  LearningRate schedule;
  Tensor counter;
  Tensor rate;  // a variable; empty where a schedule decides
  std::vector<Tensor> scalars;
  Tensor accumulated_steps;  // since the last applied step; empty without accumulation
  std::vector<Trained> trained;
  bool built = false;
};

RuleState::RuleState(OptimizerRule rule, const LearningRate& learning_rate, const UpdateOptions& shared)
    : own_name(rule.name), options(shared), schedule(learning_rate) {
  check_options(own_name, options);
  if (rule.alternatives.empty()) {
    rule.choose = [](const Tensor&) { return std::size_t{0}; };
    rule.alternatives = {rule};
  }
  choose = std::move(rule.choose);
  rules = std::move(rule.alternatives);
  if (!choose) {
    throw Error(
        fmt::format("[{}] the rule has alternatives and no function `choose`; give it one.", own_name));
  }
  for (const OptimizerRule& each : rules) {
    if (!each.begin)
      throw Error(fmt::format("[{}] the rule has no function `begin`; give it one.", own_name));
    if (rules.size() > 1 && !each.scalars.empty())
      throw Error(fmt::format("[{}] an alternative keeps scalars; only a rule on its own does.", own_name));
  }
  counter = variable(zeros({}, DType::i32), "iterations");
  const Tensor first = schedule.at(cast(counter, DType::f32), own_name);
  if (!schedule.is_scheduled()) rate = variable(first, "learning_rate");
  if (options.gradient_accumulation_steps.value_or(1) > 1)
    accumulated_steps = variable(zeros({}, DType::i32), "accumulated_steps");
  for (const OptimizerRule::Slot& slot : rules[0].scalars)
    scalars.push_back(variable(constant(slot.initial), slot.name));
}

void RuleState::check_variables(std::span<const Tensor> variables) const {
  if (variables.size() != trained.size()) {
    throw Error(fmt::format(
        "[{}] {} variables, but the state is for {}; use one optimizer for one list of variables.", own_name,
        variables.size(), trained.size()));
  }
  for (std::size_t i = 0; i < trained.size(); ++i) {
    if (variables[i].get() == trained[i].x.get()) continue;
    const std::string given = describe(variables[i]), kept = describe(trained[i].x);
    throw Error(
        fmt::format("[{}] variable {} is {}, but its state is for {}; use one optimizer for one list of "
                    "variables, such as those of one model.",
                    own_name, i, given, given == kept ? "another of this name and shape" : kept));
  }
}

void RuleState::check_gradients(std::span<const Tensor> variables, std::span<const Tensor> gradients) const {
  check_pairs(own_name, variables, gradients);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& x = variables[i];
    const Tensor& g = gradients[i];
    if (g.defined() && g.shape() == x.shape() && g.dtype() == x.dtype()) continue;
    throw Error(fmt::format("[{}] the gradient of {} is {}; it must have the variable's shape and dtype.",
                            own_name, describe(x), g.defined() ? describe(g) : "an empty tensor"));
  }
}

void RuleState::build(std::span<const Tensor> variables) {
  if (built) return check_variables(variables);
  for (const Tensor& x : variables) {
    if (x.defined() && x.dtype() == DType::f32) continue;
    throw Error(fmt::format("[{}] a variable is {}; trained variables must be f32.", own_name,
                            x.defined() ? describe(x) : "an empty tensor"));
  }
  const std::vector<std::string> labels = distinct_labels(variables);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& x = variables[i];
    const auto kept = [&](const OptimizerRule::Slot& slot) {
      const Shape shape = slot.shape ? slot.shape(x.shape()) : x.shape();
      return variable(slot.starts_as_variable ? x : full(shape, slot.initial), labels[i] + "/" + slot.name);
    };
    const std::size_t rule = choose(x);
    if (rule >= rules.size()) {
      throw Error(fmt::format("[{}] `choose` gives alternative {} for {}; there are {}.", own_name, rule,
                              describe(x), rules.size()));
    }
    Trained each{.x = x, .rule = rule, .slots = {}, .accumulator = {}, .average = {}};
    for (const OptimizerRule::Slot& slot : rules[rule].slots) each.slots.push_back(kept(slot));
    if (accumulated_steps.defined()) each.accumulator = kept({"gradient_accumulator"});
    if (options.use_ema) each.average = kept({"average"});
    trained.push_back(std::move(each));
  }
  built = true;
}

std::vector<Update> RuleState::step(std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  build(variables);
  check_gradients(variables, gradients);
  std::vector<Update> updates;
  std::vector<Tensor> mean_gradients(gradients.begin(), gradients.end());
  Tensor due;  // empty: every step is applied
  const auto update = [&](const Tensor& variable, const Tensor& value) {
    updates.push_back({variable, due.defined() ? where(due, value, variable) : value});
  };
  const Tensor steps = counter + 1;
  if (accumulated_steps.defined()) {
    const int together = *options.gradient_accumulation_steps;
    due = accumulated_steps == together - 1;
    updates.push_back({accumulated_steps, where(due, 0, accumulated_steps + 1)});
    for (std::size_t i = 0; i < mean_gradients.size(); ++i) {
      const Tensor& accumulator = trained[i].accumulator;
      const Tensor total = accumulator + gradients[i];
      updates.push_back({accumulator, where(due, 0, total)});
      mean_gradients[i] = total / together;
    }
  }
  update(counter, steps);
  clip_gradients(mean_gradients, options);

  const Tensor rate_now = learning_rate();
  std::vector<OptimizerRule::Step> begun;
  for (const OptimizerRule& rule : rules) {
    begun.push_back(
        rule.begin({.learning_rate = rate_now, .t = cast(steps, DType::f32), .scalars = scalars}));
    check_values(rule, "scalars", rule.scalars.size(), begun.back().scalars.size());
  }
  for (std::size_t i = 0; i < scalars.size(); ++i) update(scalars[i], begun[0].scalars[i]);
  // 0 at the first step, so that the average starts with the variable's value.
  const Tensor memory = options.use_ema ? options.ema_momentum * cast(counter > 0, DType::f32) : Tensor();
  for (std::size_t i = 0; i < trained.size(); ++i) {
    const Trained& each = trained[i];
    const OptimizerRule& rule = rules[each.rule];
    const double weight_decay = rule.weight_decay.value_or(options.weight_decay.value_or(0));
    const bool decays =
        weight_decay != 0 && !holds_any(each.x.node().label, options.exclude_from_weight_decay);
    const Tensor x = decays ? each.x - each.x * (weight_decay * rate_now) : each.x;
    OptimizerRule::Change change = begun[each.rule].apply(x, mean_gradients[i], each.slots);
    check_values(rule, "slots", each.slots.size(), change.slots.size());
    for (std::size_t slot = 0; slot < each.slots.size(); ++slot) update(each.slots[slot], change.slots[slot]);
    if (each.average.defined()) {
      const Tensor average = change.x + memory * (each.average - change.x);
      update(each.average, average);
      if (const auto& frequency = options.ema_overwrite_frequency)
        change.x = where(steps % *frequency == 0, average, change.x);
    }
    update(each.x, change.x);
  }
  return updates;
}

void RuleState::set_learning_rate(double number) {
  if (!rate.defined()) {
    throw Error(fmt::format(
        "[{}] the learning rate follows a schedule; make the optimizer with a number to set it.", own_name));
  }
  check_not_negative(own_name, "learning rate", number);
  assign(rate, number);
}

std::vector<Tensor> RuleState::variables() const {
  std::vector<Tensor> all{counter};
  if (rate.defined()) all.push_back(rate);
  if (accumulated_steps.defined()) all.push_back(accumulated_steps);
  all.insert(all.end(), scalars.begin(), scalars.end());
  for (const Trained& each : trained) {
    all.insert(all.end(), each.slots.begin(), each.slots.end());
    if (each.accumulator.defined()) all.push_back(each.accumulator);
    if (each.average.defined()) all.push_back(each.average);
  }
  return all;
}

void RuleState::check_averages() const {
  if (!options.use_ema) throw Error(fmt::format("[{}] no averages are kept; set use_ema.", own_name));
  if (!built)
    throw Error(fmt::format("[{}] no averages are kept before the first step; make one first.", own_name));
}

std::vector<Update> RuleState::use_averages() const {
  check_averages();
  std::vector<Update> updates;
  for (const Trained& each : trained) updates.push_back({each.x, where(counter > 0, each.average, each.x)});
  return updates;
}

std::vector<Update> RuleState::swap_averages() const {
  check_averages();
  const Tensor there_are_some = counter > 0;
  std::vector<Update> updates;
  for (const Trained& each : trained) {
    updates.push_back({each.x, where(there_are_some, each.average, each.x)});
    updates.push_back({each.average, where(there_are_some, each.x, each.average)});
  }
  return updates;
}

}  // namespace

std::shared_ptr<Optimizer::State> rule_state(OptimizerRule rule, const LearningRate& learning_rate,
                                             const UpdateOptions& options) {
  return std::make_shared<RuleState>(std::move(rule), learning_rate, options);
}

}  // namespace hekla
