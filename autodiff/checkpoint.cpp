// checkpoint (rematerialization). The graph itself records what to recompute: the gradient rule copies it
// over inputs that depend on the gradient's arrival, and differentiates the copy.
#include "autodiff/checkpoint.h"

#include <unordered_map>

#include "autodiff/reverse.h"
#include "autodiff/walk.h"
#include "ops/identity.h"

namespace hekla {

namespace {

// Copies a graph with some tensors substituted.
class Copies {
 public:
  void put(const Tensor& original, const Tensor& copy) { copies_.emplace(original.get(), copy); }

  std::vector<Tensor> of(const std::vector<Tensor>& roots) {
    const auto edges = [&](const Tensor& x) {
      return copies_.contains(x.get()) ? std::vector<Tensor>() : all_edges(x);
    };
    for (const Tensor& x : walk(roots, edges)) {
      if (!copies_.contains(x.get())) put(x, copy(x));
    }
    return known(roots);
  }

 private:
  std::vector<Tensor> known(const std::vector<Tensor>& originals) const {
    std::vector<Tensor> found;
    for (const Tensor& original : originals) found.push_back(copies_.at(original.get()));
    return found;
  }

  static bool differ(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i].get() != b[i].get()) return true;
    }
    return false;
  }

  Tensor copy(const Tensor& x) {
    const Node& node = x.node();
    const std::vector<Tensor> inputs = known(node.inputs);
    const std::shared_ptr<GradientRule> rule = copy(node.rule);
    if (rule == node.rule && !differ(inputs, node.inputs)) return x;
    Tensor result = with_inputs(node, inputs);
    result.pointer()->rule = rule;
    return result;
  }

  std::shared_ptr<GradientRule> copy(const std::shared_ptr<GradientRule>& rule) {
    if (!rule) return nullptr;
    const auto [entry, is_new] = rules_.try_emplace(rule.get(), rule);
    if (!is_new) return entry->second;
    const std::vector<Tensor> inputs = known(rule->inputs);
    const std::vector<Tensor> outputs = known(rule->outputs);
    if (differ(inputs, rule->inputs) || differ(outputs, rule->outputs)) {
      entry->second = std::make_shared<GradientRule>(
          GradientRule{.name = rule->name, .inputs = inputs, .outputs = outputs, .vjp = rule->vjp});
    }
    return entry->second;
  }

  std::unordered_map<const Node*, Tensor> copies_;
  std::unordered_map<const GradientRule*, std::shared_ptr<GradientRule>> rules_;
};

std::vector<Tensor> recompute_and_pull_back(const GradientRule& rule, const GradientRule::Arrived& given) {
  Copies copies;
  std::vector<Tensor> again, targets;
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    Tensor tied = rule.inputs[i];
    for (const Tensor& g : given.gradients) {
      if (g.defined()) tied = tie_in(tied, g);
    }
    copies.put(rule.inputs[i], tied);
    again.push_back(tied);
    if (given.wanted[i]) targets.push_back(tied);
  }
  std::vector<Tensor> reached, arrived;
  for (std::size_t i = 0; i < given.gradients.size(); ++i) {
    if (!given.gradients[i].defined()) continue;
    reached.push_back(rule.outputs[i]);
    arrived.push_back(given.gradients[i]);
  }
  const std::vector<Tensor> found =
      given.pull_back("checkpoint", copies.of(reached), targets, arrived, again);
  std::vector<Tensor> results;
  for (std::size_t i = 0, next = 0; i < rule.inputs.size(); ++i) {
    results.push_back(given.wanted[i] ? found[next++] : Tensor());
  }
  return results;
}

}  // namespace

std::vector<Tensor> checkpoint(const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& f,
                               std::span<const Tensor> inputs) {
  // Fresh identity nodes for the inputs separate them from the tensors that f captures, even if one was
  // computed from the other.
  std::vector<Tensor> own;
  for (const Tensor& input : inputs) own.push_back(identity(input));
  const auto rule = std::make_shared<GradientRule>(
      GradientRule{.name = "checkpoint", .inputs = own, .outputs = f(own), .vjp = recompute_and_pull_back});
  for (const Tensor& tensor : captured_by(rule->outputs, own)) rule->inputs.push_back(tensor);
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < rule->outputs.size(); ++i) results.push_back(carrier(rule, i));
  return results;
}

Tensor checkpoint(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                  std::initializer_list<Tensor> inputs) {
  return checkpoint([&](const std::vector<Tensor>& own) { return std::vector{f(own)}; },
                    std::span(inputs.begin(), inputs.size()))[0];
}

Tensor checkpoint(const std::function<Tensor(const Tensor&)>& f, const Tensor& input) {
  return checkpoint([&](const std::vector<Tensor>& own) { return std::vector{f(own[0])}; },
                    std::span(&input, 1))[0];
}

}  // namespace hekla
