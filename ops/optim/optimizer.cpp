// Optimizers: what all of them share.
#include "ops/optim/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"
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

std::vector<std::string> distinct_labels(std::span<const Tensor> variables) {
  std::unordered_set<std::string> taken;
  std::vector<std::string> labels;
  for (const Tensor& x : variables) {
    const std::string base = x.node().label.empty() ? "variable" : x.node().label;
    std::string label = base;
    for (int i = 1; !taken.insert(label).second; ++i) label = fmt::format("{}_{}", base, i);
    labels.push_back(label);
  }
  return labels;
}

bool holds_any(const std::string& label, const std::vector<std::string>& words) {
  return std::ranges::any_of(words,
                             [&](const std::string& word) { return label.find(word) != std::string::npos; });
}

// Checks the number of values that a custom rule returns.
void check_values(const OptimizerRule& rule, std::string_view what, std::size_t kept, std::size_t given) {
  if (kept == given) return;
  throw Error(fmt::format("[{}] the rule keeps {} {} and gives {} new values; each needs one.", rule.name,
                          kept, what, given));
}

}  // namespace

struct Optimizer::State {
  // A trained variable and its state.
  struct Trained {
    Tensor x;
    std::vector<Tensor> slots;
    Tensor accumulator, average;  // empty if unused
  };

  OptimizerRule rule;
  UpdateOptions options;
  LearningRate learning_rate = 0;
  Tensor iterations;
  Tensor rate;  // a variable; empty where a schedule decides
  std::vector<Tensor> scalars;
  Tensor accumulated_steps;  // since the last applied step; empty without accumulation
  std::vector<Trained> trained;
  bool built = false;

  // With a schedule, a new expression at each call: a shared node would keep the value that somebody has
  // read.
  Tensor current_rate() const {
    return rate.defined() ? rate : learning_rate.at(cast(iterations, DType::f32), rule.name);
  }
  void check_variables(std::span<const Tensor> variables) const;
  void check_gradients(std::span<const Tensor> variables, std::span<const Tensor> gradients) const;
  void check_averages() const;
};

Optimizer::Optimizer(OptimizerRule rule, const LearningRate& learning_rate, const UpdateOptions& options)
    : state_(std::make_shared<State>()) {
  check_options(rule.name, options);
  if (!rule.begin) throw Error(fmt::format("[{}] the rule has no function `begin`; give it one.", rule.name));
  State& s = *state_;
  s.iterations = variable(zeros({}, DType::i32), "iterations");
  s.learning_rate = learning_rate;
  const Tensor first = learning_rate.at(cast(s.iterations, DType::f32), rule.name);
  if (!learning_rate.is_scheduled()) s.rate = variable(first, "learning_rate");
  if (options.gradient_accumulation_steps.value_or(1) > 1)
    s.accumulated_steps = variable(zeros({}, DType::i32), "accumulated_steps");
  for (const OptimizerRule::Slot& slot : rule.scalars)
    s.scalars.push_back(variable(constant(slot.initial), slot.name));
  s.rule = std::move(rule);
  s.options = options;
}

void Optimizer::State::check_variables(std::span<const Tensor> variables) const {
  if (variables.size() != trained.size()) {
    throw Error(fmt::format(
        "[{}] {} variables, but the state is for {}; use one optimizer for one list of variables.", rule.name,
        variables.size(), trained.size()));
  }
  for (std::size_t i = 0; i < trained.size(); ++i) {
    if (variables[i].get() == trained[i].x.get()) continue;
    const std::string given = describe(variables[i]), kept = describe(trained[i].x);
    throw Error(
        fmt::format("[{}] variable {} is {}, but its state is for {}; use one optimizer for one list of "
                    "variables, such as those of one model.",
                    rule.name, i, given, given == kept ? "another of this name and shape" : kept));
  }
}

void Optimizer::State::check_gradients(std::span<const Tensor> variables,
                                       std::span<const Tensor> gradients) const {
  if (variables.size() != gradients.size()) {
    throw Error(fmt::format("[{}] {} variables and {} gradients; each variable needs its gradient.",
                            rule.name, variables.size(), gradients.size()));
  }
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& x = variables[i];
    const Tensor& g = gradients[i];
    if (g.defined() && g.shape() == x.shape() && g.dtype() == x.dtype()) continue;
    throw Error(fmt::format("[{}] the gradient of {} is {}; it must have the variable's shape and dtype.",
                            rule.name, describe(x), g.defined() ? describe(g) : "an empty tensor"));
  }
}

void Optimizer::build(std::span<const Tensor> variables) {
  State& s = *state_;
  if (s.built) return s.check_variables(variables);
  for (const Tensor& x : variables) {
    if (x.defined() && x.dtype() == DType::f32) continue;
    throw Error(fmt::format("[{}] a variable is {}; trained variables must be f32.", s.rule.name,
                            x.defined() ? describe(x) : "an empty tensor"));
  }
  const std::vector<std::string> labels = distinct_labels(variables);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& x = variables[i];
    const auto kept = [&](const OptimizerRule::Slot& slot) {
      const Shape shape = slot.shape ? slot.shape(x.shape()) : x.shape();
      return variable(full(shape, slot.initial), labels[i] + "/" + slot.name);
    };
    State::Trained each{.x = x, .slots = {}, .accumulator = {}, .average = {}};
    for (const OptimizerRule::Slot& slot : s.rule.slots) each.slots.push_back(kept(slot));
    if (s.accumulated_steps.defined()) each.accumulator = kept({"gradient_accumulator"});
    if (s.options.use_ema) each.average = kept({"average"});
    s.trained.push_back(std::move(each));
  }
  s.built = true;
}

std::vector<Update> Optimizer::step(std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  State& s = *state_;
  build(variables);
  s.check_gradients(variables, gradients);
  std::vector<Update> updates;
  std::vector<Tensor> mean_gradients(gradients.begin(), gradients.end());
  Tensor due;  // empty: every step is applied
  const auto update = [&](const Tensor& variable, const Tensor& value) {
    updates.push_back({variable, due.defined() ? where(due, value, variable) : value});
  };
  const Tensor steps = s.iterations + 1;
  if (s.accumulated_steps.defined()) {
    const int together = *s.options.gradient_accumulation_steps;
    due = s.accumulated_steps == together - 1;
    updates.push_back({s.accumulated_steps, where(due, 0, s.accumulated_steps + 1)});
    for (std::size_t i = 0; i < mean_gradients.size(); ++i) {
      const Tensor& accumulator = s.trained[i].accumulator;
      const Tensor total = accumulator + gradients[i];
      updates.push_back({accumulator, where(due, 0, total)});
      mean_gradients[i] = total / together;
    }
  }
  update(s.iterations, steps);
  clip_gradients(mean_gradients, s.options);

  const Tensor rate = s.current_rate();
  const OptimizerRule::Step step =
      s.rule.begin({.learning_rate = rate, .t = cast(steps, DType::f32), .scalars = s.scalars});
  check_values(s.rule, "scalars", s.scalars.size(), step.scalars.size());
  for (std::size_t i = 0; i < s.scalars.size(); ++i) update(s.scalars[i], step.scalars[i]);
  const double weight_decay = s.options.weight_decay.value_or(0);
  const std::vector<std::string>& excluded = s.options.exclude_from_weight_decay;
  // 0 at the first step, so that the average starts with the variable's value.
  const Tensor memory =
      s.options.use_ema ? s.options.ema_momentum * cast(s.iterations > 0, DType::f32) : Tensor();
  for (std::size_t i = 0; i < s.trained.size(); ++i) {
    const State::Trained& each = s.trained[i];
    const bool decays = weight_decay != 0 && !holds_any(each.x.node().label, excluded);
    const Tensor x = decays ? each.x - each.x * (weight_decay * rate) : each.x;
    OptimizerRule::Change change = step.apply(x, mean_gradients[i], each.slots);
    check_values(s.rule, "slots", each.slots.size(), change.slots.size());
    for (std::size_t slot = 0; slot < each.slots.size(); ++slot) update(each.slots[slot], change.slots[slot]);
    if (each.average.defined()) {
      const Tensor average = change.x + memory * (each.average - change.x);
      update(each.average, average);
      if (const auto& frequency = s.options.ema_overwrite_frequency)
        change.x = where(steps % *frequency == 0, average, change.x);
    }
    update(each.x, change.x);
  }
  return updates;
}

const std::string& Optimizer::name() const { return state_->rule.name; }

Tensor Optimizer::learning_rate() const { return state_->current_rate(); }

void Optimizer::set_learning_rate(double rate) {
  if (!state_->rate.defined()) {
    throw Error(fmt::format(
        "[{}] the learning rate follows a schedule; make the optimizer with a number to set it.", name()));
  }
  check_not_negative(name(), "learning rate", rate);
  assign(state_->rate, rate);
}

const Tensor& Optimizer::iterations() const { return state_->iterations; }

std::vector<Tensor> Optimizer::variables() const {
  const State& s = *state_;
  std::vector<Tensor> all{s.iterations};
  if (s.rate.defined()) all.push_back(s.rate);
  if (s.accumulated_steps.defined()) all.push_back(s.accumulated_steps);
  all.insert(all.end(), s.scalars.begin(), s.scalars.end());
  for (const State::Trained& each : s.trained) {
    all.insert(all.end(), each.slots.begin(), each.slots.end());
    if (each.accumulator.defined()) all.push_back(each.accumulator);
    if (each.average.defined()) all.push_back(each.average);
  }
  return all;
}

bool Optimizer::keeps_averages() const { return state_->options.use_ema; }

void Optimizer::State::check_averages() const {
  if (!options.use_ema) throw Error(fmt::format("[{}] no averages are kept; set use_ema.", rule.name));
  if (!built)
    throw Error(fmt::format("[{}] no averages are kept before the first step; make one first.", rule.name));
}

std::vector<Update> Optimizer::use_averages() const {
  const State& s = *state_;
  s.check_averages();
  std::vector<Update> updates;
  for (const State::Trained& each : s.trained)
    updates.push_back({each.x, where(s.iterations > 0, each.average, each.x)});
  return updates;
}

std::vector<Update> Optimizer::swap_averages() const {
  const State& s = *state_;
  s.check_averages();
  const Tensor there_are_some = s.iterations > 0;
  std::vector<Update> updates;
  for (const State::Trained& each : s.trained) {
    updates.push_back({each.x, where(there_are_some, each.average, each.x)});
    updates.push_back({each.average, where(there_are_some, each.x, each.average)});
  }
  return updates;
}

}  // namespace hekla
