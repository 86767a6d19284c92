// Several optimizers for the variables of one model.
#include "ops/optim/multi_optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/optim/optimizer_state.h"

namespace hekla {

namespace {

struct MultiState : Optimizer::State {
  // An optimizer and the positions of its variables.
  struct Part {
    Optimizer optimizer;
    std::vector<std::size_t> of;
  };

  explicit MultiState(std::function<Optimizer(const Tensor& variable)> choose)
      : optimizer_of(std::move(choose)) {
    if (!optimizer_of)
      throw Error("[multi_optimizer] the function is empty; give one from a variable to its optimizer.");
    counter = variable(zeros({}, DType::i32), "iterations");
  }

  const std::string& name() const override { return own_name; }
  const Tensor& iterations() const override { return counter; }

  void build(std::span<const Tensor> variables) override {
    if (count && *count != variables.size()) {
      throw Error(fmt::format(
          "[{}] {} variables, but the state is for {}; use one optimizer for one list of variables.",
          own_name, variables.size(), *count));
    }
    const bool first = !count;
    if (first) divide(variables);
    for (Part& part : parts) part.optimizer.build(picked(variables, part));
    if (first) name_variables();
    count = variables.size();
  }

  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients) override {
    check_pairs(own_name, variables, gradients);
    build(variables);
    std::vector<Update> updates{{counter, counter + 1}};
    for (Part& part : parts) {
      for (const Update& update : part.optimizer.step(picked(variables, part), picked(gradients, part)))
        updates.push_back(update);
    }
    return updates;
  }

  Tensor learning_rate() const override { refuse_rate(); }
  void set_learning_rate(double) override { refuse_rate(); }

  std::vector<Tensor> variables() const override {
    std::vector<Tensor> all{counter};
    for (const Part& part : parts) {
      for (const Tensor& x : part.optimizer.variables()) all.push_back(x);
    }
    return all;
  }

  bool keeps_averages() const override {
    return std::ranges::any_of(parts, [](const Part& part) { return part.optimizer.keeps_averages(); });
  }
  std::vector<Update> use_averages() const override {
    return of_averages([](const Optimizer& optimizer) { return optimizer.use_averages(); });
  }
  std::vector<Update> swap_averages() const override {
    return of_averages([](const Optimizer& optimizer) { return optimizer.swap_averages(); });
  }

  void divide(std::span<const Tensor> variables) {
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const Optimizer optimizer = optimizer_of(variables[i]);
      if (optimizer.name() == own_name || optimizer.name() == "loss_scale_optimizer") {
        throw Error(fmt::format("[{}] the optimizer of {} is a {}; it belongs around this one.", own_name,
                                describe(variables[i]), optimizer.name()));
      }
      auto part = std::ranges::find(parts, optimizer, &Part::optimizer);
      if (part == parts.end()) part = parts.insert(parts.end(), {optimizer, {}});
      part->of.push_back(i);
    }
  }

  // Each optimizer has a counter, and labels are unique.
  void name_variables() const {
    std::vector<std::string> names;
    for (const Part& part : parts) names.push_back(part.optimizer.name());
    names = distinct(names);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (const Tensor& x : parts[i].optimizer.variables())
        x.label(fmt::format("{}/{}", names[i], x.node().label));
    }
  }

  static std::vector<Tensor> picked(std::span<const Tensor> all, const Part& part) {
    std::vector<Tensor> some;
    for (const std::size_t i : part.of) some.push_back(all[i]);
    return some;
  }

  template <class F>
  std::vector<Update> of_averages(const F& updates_of) const {
    std::vector<Update> all;
    for (const Part& part : parts) {
      if (!part.optimizer.keeps_averages()) continue;
      for (const Update& update : updates_of(part.optimizer)) all.push_back(update);
    }
    if (all.empty()) throw Error(fmt::format("[{}] no averages are kept; set use_ema.", own_name));
    return all;
  }

  [[noreturn]] void refuse_rate() const {
    throw Error(
        fmt::format("[{}] each optimizer has its own learning rate; ask the one that you mean.", own_name));
  }

  std::string own_name = "multi_optimizer";
  std::function<Optimizer(const Tensor& variable)> optimizer_of;
  Tensor counter;
  std::vector<Part> parts;
  std::optional<std::size_t> count;
};

}  // namespace

OptimizerMap::OptimizerMap(Optimizer default_optimizer,
                           std::vector<std::pair<std::string, Optimizer>> optimizers)
    : default_(std::move(default_optimizer)), optimizers_(std::move(optimizers)) {
  std::set<std::string> patterns;
  for (const auto& [pattern, optimizer] : optimizers_) {
    if (!patterns.insert(pattern).second)
      throw Error(fmt::format("[optimizer_map] the pattern \"{}\" is there twice; give it once.", pattern));
    try {
      std::regex{pattern};
    } catch (const std::regex_error& error) {
      throw Error(fmt::format("[optimizer_map] the pattern \"{}\" is no regular expression: {}.", pattern,
                              error.what()));
    }
  }
}

Optimizer OptimizerMap::operator()(const Tensor& variable) const {
  const std::string& label = variable.node().label;
  std::vector<const std::pair<std::string, Optimizer>*> matching;
  for (const auto& entry : optimizers_) {
    if (entry.first == label) return entry.second;
    if (std::regex_match(label, std::regex(entry.first))) matching.push_back(&entry);
  }
  if (matching.size() > 1) {
    throw Error(fmt::format("[optimizer_map] the patterns \"{}\" and \"{}\" both match '{}'; one may.",
                            matching[0]->first, matching[1]->first, label));
  }
  return matching.empty() ? default_ : matching[0]->second;
}

MultiOptimizer::MultiOptimizer(std::function<Optimizer(const Tensor& variable)> optimizer_of)
    : Optimizer(std::make_shared<MultiState>(std::move(optimizer_of))) {}

}  // namespace hekla
