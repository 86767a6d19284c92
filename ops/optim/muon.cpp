// Muon.
#include "ops/optim/muon.h"

#include <algorithm>
#include <cmath>

#include "graph/choice.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/optim/adam.h"
#include "ops/optim/checks.h"
#include "ops/optim/optimizer_state.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The nearest orthogonal matrix, roughly: Newton and Schulz's iteration moves all singular values towards 1.
Tensor orthogonalized(const MuonOptions& o, const Tensor& x) {
  if (x.size(0) > x.size(1)) return transpose(orthogonalized(o, transpose(x)));
  Tensor u = x / (norm(x) + 1e-7);
  for (int step = 0; step < o.ns_steps; ++step) {
    const Tensor squares = matmul(u, transpose(u), DType::f32);
    u = o.muon_a * u +
        matmul(o.muon_b * squares + o.muon_c * matmul(squares, squares, DType::f32), u, DType::f32);
  }
  return u;
}

OptimizerRule for_matrices(const MuonOptions& o) {
  return {.name = "muon",
          .slots = {{"momentum"}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=, rate = now.learning_rate](
                                 const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor velocity = o.momentum * slots[0] + g;
              const Tensor u = orthogonalized(o, o.nesterov ? g + o.momentum * velocity : velocity);
              const auto longer = static_cast<double>(std::max(x.size(0), x.size(1)));
              const double size = o.rms_rate ? std::sqrt(longer) * *o.rms_rate : 1;
              return {.x = x - rate * size * u, .slots = {velocity}};
            }};
          }};
}

OptimizerRule for_others(const MuonOptions& o) {
  OptimizerRule rule =
      adam_rule("muon", {.beta_1 = o.adam_beta_1, .beta_2 = o.adam_beta_2, .epsilon = o.epsilon});
  rule.weight_decay = o.adam_weight_decay;
  rule.begin = [begin = rule.begin, ratio = o.adam_lr_ratio](const OptimizerRule::Time& now) {
    return begin({.learning_rate = now.learning_rate * ratio, .t = now.t, .scalars = {}});
  };
  return rule;
}

OptimizerRule rule_of(const MuonOptions& o) {
  check_decay("muon", "momentum", o.momentum);
  check_not_negative("muon", "adam_weight_decay", o.adam_weight_decay);
  check_not_negative("muon", "adam_lr_ratio", o.adam_lr_ratio);
  check_count("muon", "ns_steps", o.ns_steps);
  std::vector<std::string> excluded = o.exclude_layers;
  return {.name = "muon",
          .alternatives = {for_matrices(o), for_others(o)},
          .choose = [excluded, embeddings = o.exclude_embeddings](const Tensor& variable) -> std::size_t {
            const std::string& label = variable.node().label;
            const bool is_embedding = embeddings && holds_any(lower_case(label), {"embedding"});
            return variable.rank() != 2 || is_embedding || holds_any(label, excluded) ? 1 : 0;
          }};
}

UpdateOptions with_decay(UpdateOptions options) {
  if (!options.weight_decay) options.weight_decay = 0.004;
  return options;
}

}  // namespace

Muon::Muon(const MuonOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, with_decay(shared)) {}

}  // namespace hekla
