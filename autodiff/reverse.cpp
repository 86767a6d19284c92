// Reverse mode: in reverse topological order from the outputs, each operation's rule gives its inputs'
// gradients; where paths meet, gradients are added up.
#include "autodiff/reverse.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "autodiff/walk.h"
#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/identity.h"

namespace hekla {

namespace {

// Nodes that share a rule. The rule is called once all gradients that will arrive at them have arrived.
struct Carriers {
  int waiting = 0;
  std::vector<Tensor> nodes;
  std::vector<Tensor> gradients;
};

class PullBack {
 public:
  PullBack(std::string_view caller, std::span<const Tensor> outputs, std::span<const Tensor> targets,
           std::span<const Tensor> ends)
      : caller_(caller) {
    for (const Tensor& target : targets) on_way_.add(target.get());
    NodeSet last;
    for (const Tensor& end : ends) last.add(end.get());
    const auto edges_of = [&](const Tensor& x) {
      return last.contains(x.get()) ? std::span<const Tensor>() : gradient_edges(x);
    };
    order_ = walk(outputs, edges_of);
    for (const Tensor& x : order_) {
      if (!std::ranges::any_of(edges_of(x), [&](const Tensor& to) { return is_on_way(to); })) continue;
      on_way_.add(x.get());
      passing_.add(x.get());
      if (x.node().rule) expect(x);
    }
  }

  void arrive(const Tensor& x, const Tensor& gradient) {
    if (!gradient.defined() || !is_on_way(x)) return;
    Tensor& total = gradients_.add(x.get()).first;
    total = total.defined() ? total + gradient : gradient;
  }

  void run() {
    for (auto x = order_.rbegin(); x != order_.rend(); ++x) {
      if (!passing_.contains(x->get())) continue;
      if (x->node().rule) {
        pass_to_rule(*x);
      } else if (const Tensor g = at(*x); g.defined()) {
        pass_through(*x, g);
      }
    }
  }

  Tensor at(const Tensor& x) const {
    const Tensor* found = gradients_.find(x.get());
    return found != nullptr ? *found : Tensor();
  }

 private:
  bool is_on_way(const Tensor& x) const { return on_way_.contains(x.get()); }

  void pass_through(const Tensor& y, const Tensor& g) {
    const Op& op = *y.node().op;
    if (!is_float(y.dtype())) {
      throw Error(fmt::format(
          "[{}] {} ({}) lies between the output and a target; whole numbers and truth values, such "
          "as argmax and comparisons give, have no gradient: use stop_gradient where none is wanted.",
          caller_, op.name, describe(y)));
    }
    if (op.vjp == nullptr) {
      throw Error(
          fmt::format("[{}] {} ({}) is not differentiable and lies between the output and a target; use "
                      "stop_gradient where no gradient is wanted.",
                      caller_, op.name, describe(y)));
    }
    pass_on(op.name, y.node().inputs, op.vjp(y, g));
  }

  // The gradients of a rule's nodes are complete at the first of its nodes in topological order, since its
  // inputs all come before that one.
  void pass_to_rule(const Tensor& y) {
    const std::shared_ptr<GradientRule>& rule = y.node().rule;
    Carriers& carriers = carriers_.at(rule.get());
    const std::size_t number = number_of(y);
    if (const Tensor g = at(y); g.defined()) {
      Tensor& total = carriers.gradients[number];
      total = total.defined() ? total + g : g;
    }
    if (--carriers.waiting > 0) return;
    const auto has_arrived = [](const Tensor& g) { return g.defined(); };
    if (std::none_of(carriers.gradients.begin(), carriers.gradients.end(), has_arrived)) return;
    for (std::size_t i = 0; i < carriers.nodes.size(); ++i) {
      if (!carriers.nodes[i].defined()) carriers.nodes[i] = carrier(rule, i);
    }
    std::vector<bool> wanted;
    for (const Tensor& input : rule->inputs) wanted.push_back(is_on_way(input));
    pass_on(rule->name, rule->inputs,
            rule->vjp(*rule, {carriers.nodes, carriers.gradients, wanted, pull_back}));
  }

  void pass_on(std::string_view name, const std::vector<Tensor>& inputs,
               const std::vector<Tensor>& gradients) {
    if (gradients.size() != inputs.size()) {
      throw Error(
          fmt::format("[{}] the gradient rule of {} returned {} gradients for {} inputs; it returns one for "
                      "each, an empty "
                      "tensor where nothing flows.",
                      caller_, name, gradients.size(), inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor& g = gradients[i];
      if (!g.defined() || !is_on_way(inputs[i])) continue;
      if (!(g.shape() == inputs[i].shape()) || g.dtype() != gradient_dtype(inputs[i].dtype())) {
        throw Error(
            fmt::format("[{}] the gradient rule of {} returned {} for its input {}, {}; a gradient has its "
                        "input's shape and "
                        "dtype.",
                        caller_, name, describe(g), i + 1, describe(inputs[i])));
      }
      arrive(inputs[i], g);
    }
  }

  void expect(const Tensor& y) {
    Carriers& carriers = carriers_[y.node().rule.get()];
    ++carriers.waiting;
    carriers.nodes.resize(y.node().rule->outputs.size());
    carriers.gradients.resize(carriers.nodes.size());
    carriers.nodes[number_of(y)] = y;
  }

  static std::size_t number_of(const Tensor& carrier) {
    return static_cast<std::size_t>(carrier.node().attributes.integers[0]);
  }

  std::string_view caller_;
  std::vector<Tensor> order_;
  NodeSet on_way_;   // targets and what depends on them: nothing else needs a gradient
  NodeSet passing_;  // nodes that pass gradients on to some of these
  NodeMap<Tensor> gradients_;
  std::unordered_map<const GradientRule*, Carriers> carriers_;
};

}  // namespace

std::vector<Tensor> pull_back(std::string_view caller, std::span<const Tensor> outputs,
                              std::span<const Tensor> targets, std::span<const Tensor> cotangents,
                              std::span<const Tensor> ends) {
  PullBack pass(caller, outputs, targets, ends);
  for (std::size_t i = 0; i < outputs.size(); ++i) pass.arrive(outputs[i], cotangents[i]);
  pass.run();
  std::vector<Tensor> gradients;
  for (const Tensor& target : targets) gradients.push_back(pass.at(target));
  return gradients;
}

}  // namespace hekla
