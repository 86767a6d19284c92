// jvp as the transpose of vjp. (J. Townsend: A new trick for calculating Jacobian vector products, 2017.)
#include "autodiff/forward.h"

#include <algorithm>

#include "autodiff/check.h"
#include "autodiff/reverse.h"
#include "autodiff/walk.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/identity.h"

namespace hekla {

namespace {

// A placeholder for an unknown gradient. It is not the constant 0, because a rule may drop factors of that.
// The compiler takes it as 0 all the same, since checkpoints wait for it.
const Op stand_in_op{.name = "stand_in", .kind = Kind::constant};

// A stand-in for a gradient left in the result would silently count as zero.
void check_linear(std::span<const Tensor> results, std::span<const Tensor> stand_ins) {
  const auto values = [](const Tensor& x) {
    const std::vector<Tensor>& inputs = x.node().inputs;
    return x.node().op == &tie_in_op ? std::vector<Tensor>{inputs[0]} : inputs;
  };
  for (const Tensor& x : walk(results, values)) {
    const bool left = std::any_of(stand_ins.begin(), stand_ins.end(),
                                  [&](const Tensor& stand_in) { return stand_in.get() == x.get(); });
    if (!left) continue;
    throw Error(
        "[jvp] a gradient rule between the targets and the outputs is not linear in the gradient it is "
        "given; such a "
        "rule has no forward mode.");
  }
}

}  // namespace

std::vector<Tensor> jvp(std::span<const Tensor> outputs, std::span<const Tensor> targets,
                        std::span<const Tensor> tangents) {
  check_f32("jvp", "output", outputs);
  check_vectors("jvp", "target", targets, "tangent", tangents);
  std::vector<Tensor> cotangents;
  for (const Tensor& output : outputs)
    cotangents.push_back(make_leaf(stand_in_op, output.shape(), DType::f32, nullptr));
  std::vector<Tensor> reached, reached_tangents;
  const std::vector<Tensor> gradients = pull_back("jvp", outputs, targets, cotangents);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!gradients[i].defined()) continue;
    reached.push_back(gradients[i]);
    reached_tangents.push_back(tangents[i]);
  }
  std::vector<Tensor> results = pull_back("jvp", reached, cotangents, reached_tangents);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!results[i].defined()) results[i] = zeros_like(outputs[i]);
  }
  check_linear(results, cotangents);
  return results;
}

}  // namespace hekla
