// Loops and their gradients.
#include "ops/loops.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "graph/error.h"
#include "graph/loop.h"
#include "graph/node_map.h"
#include "graph/visit.h"
#include "graph/walk.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/identity.h"
#include "ops/join.h"
#include "ops/view.h"

namespace hekla {

namespace {

Tensor placeholder(const Tensor& like, const Shape& shape, DType dtype) {
  return make_leaf(input_op, shape, dtype, nullptr, like.node().label);
}

// What a step sees of a tensor that is scanned.
Tensor element_of(const Tensor& stacked) {
  return placeholder(stacked, Shape(std::span(stacked.shape().begin() + 1, stacked.shape().end())),
                     stacked.dtype());
}

// What a body uses besides its leaves. Views stay inside: broadcast tensors need not be stored.
std::vector<Tensor> constants_of(const std::vector<Tensor>& results, const std::vector<Tensor>& leaves) {
  std::vector<Tensor> constants;
  NodeSet known;
  for (const Tensor& leaf : leaves) known.add(leaf.get());
  for (Tensor x : captured_by(results, leaves)) {
    while (x.node().op->kind == Kind::view && x.node().inputs.size() == 1 && !x.node().rule)
      x = Tensor(x.node().inputs[0]);
    const Kind kind = x.node().op->kind;
    if (kind != Kind::constant && kind != Kind::iota && known.add(x.get())) constants.push_back(x);
  }
  return constants;
}

std::vector<Tensor> pull_back_loop(const Loop& loop, const GradientRule& rule,
                                   const GradientRule::Arrived& arrived);

// The loop's results as tensors that gradients flow through. The states of all iterations are stacked after its own
// results: a loop computes only what is read.
std::vector<Tensor> results_of(Loop loop, std::vector<Tensor> inputs) {
  NodeSet leaves, used;
  for (const std::vector<Tensor>* each : {&loop.states, &loop.elements, &loop.constants}) {
    for (const Tensor& leaf : *each) leaves.add(leaf.get());
  }
  const auto is_leaf = [&](const Node& node) { return leaves.contains(&node); };
  visit_in_order(loop.results, is_leaf, [&](const Tensor& x, bool leaf) {
    if (leaf) used.add(x.get());
  });
  // Elements and constants that no result needs are left out.
  std::vector<Tensor> kept(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(loop.states.size()));
  std::size_t next = kept.size();
  for (std::vector<Tensor>* each : {&loop.elements, &loop.constants}) {
    std::vector<Tensor> needed;
    for (const Tensor& leaf : *each) {
      const Tensor& input = inputs[next++];
      if (!used.contains(leaf.get())) continue;
      needed.push_back(leaf);
      kept.push_back(input);
    }
    *each = std::move(needed);
  }
  loop.results.insert(loop.results.end(), loop.states.begin(), loop.states.end());
  const auto shared = std::make_shared<const Loop>(std::move(loop));
  const auto rule = std::make_shared<GradientRule>(
      GradientRule{.name = "scan",
                   .inputs = kept,
                   .outputs = {},
                   .vjp = [shared](const GradientRule& self, const GradientRule::Arrived& arrived) {
                     return pull_back_loop(*shared, self, arrived);
                   }});
  for (std::size_t i = 0; i < shared->results.size(); ++i)
    rule->outputs.push_back(loop_result(shared, kept, i));
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < rule->outputs.size(); ++i) results.push_back(carrier(rule, i));
  return results;
}

// Reverse mode: a loop in the other direction. It carries the gradients of the states and those of the constants so
// far, and its elements are those of the loop, the states that it had, and the gradients of what it stacked.
std::vector<Tensor> pull_back_loop(const Loop& loop, const GradientRule& rule,
                                   const GradientRule::Arrived& arrived) {
  const auto& [carriers, gradients, wanted, pull_back] = arrived;
  const std::size_t states = loop.states.size(), elements = loop.elements.size();
  const std::size_t first_saved = loop.results.size() - states;
  Loop back{.count = loop.count, .reversed = !loop.reversed};
  std::vector<Tensor> initial, stacked_inputs, outputs, cotangents, targets;

  std::vector<std::size_t> carried;  // states with a gradient
  for (std::size_t i = 0; i < states; ++i) {
    if (!is_float(loop.states[i].dtype())) continue;
    carried.push_back(i);
    const Tensor cotangent = placeholder(loop.states[i], loop.states[i].shape(), DType::f32);
    back.states.push_back(cotangent);
    initial.push_back(gradients[i].defined() ? gradients[i] : zeros(cotangent.shape()));
    outputs.push_back(loop.results[i]);
    cotangents.push_back(cotangent);
    targets.push_back(loop.states[i]);
  }
  for (std::size_t i = states; i < loop.results.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const Tensor cotangent = element_of(gradients[i]);
    back.elements.push_back(cotangent);
    stacked_inputs.push_back(gradients[i]);
    outputs.push_back(loop.results[i]);
    cotangents.push_back(cotangent);
  }
  back.elements.insert(back.elements.end(), loop.elements.begin(), loop.elements.end());
  stacked_inputs.insert(stacked_inputs.end(), rule.inputs.begin() + static_cast<std::ptrdiff_t>(states),
                        rule.inputs.begin() + static_cast<std::ptrdiff_t>(states + elements));
  back.elements.insert(back.elements.end(), loop.states.begin(), loop.states.end());
  stacked_inputs.insert(stacked_inputs.end(), carriers.begin() + static_cast<std::ptrdiff_t>(first_saved),
                        carriers.end());
  back.constants = loop.constants;

  // Inputs besides the states whose gradients are wanted.
  std::vector<std::size_t> of_elements, of_constants;
  const auto leaf_of = [&](std::size_t input) {
    return input < states + elements ? loop.elements[input - states]
                                     : loop.constants[input - states - elements];
  };
  for (std::size_t i = states; i < rule.inputs.size(); ++i) {
    if (!wanted[i] || !is_float(rule.inputs[i].dtype())) continue;
    (i < states + elements ? of_elements : of_constants).push_back(i);
    targets.push_back(leaf_of(i));
  }
  std::vector<Tensor> ends = loop.states;
  ends.insert(ends.end(), loop.elements.begin(), loop.elements.end());
  ends.insert(ends.end(), loop.constants.begin(), loop.constants.end());
  const std::vector<Tensor> found = pull_back("grad", outputs, targets, cotangents, ends);

  const auto found_or_zeros = [&](std::size_t target) {
    return found[target].defined() ? found[target] : zeros(targets[target].shape());
  };
  std::size_t target = 0;
  for (; target < carried.size(); ++target) back.results.push_back(found_or_zeros(target));
  const std::size_t first_element = target;
  target += of_elements.size();
  for (const std::size_t input : of_constants) {
    const std::size_t which = target++;
    const Tensor so_far = placeholder(rule.inputs[input], rule.inputs[input].shape(), DType::f32);
    back.states.push_back(so_far);
    initial.push_back(zeros(so_far.shape()));
    back.results.push_back(found[which].defined() ? so_far + found[which] : so_far);
  }
  for (std::size_t i = 0; i < of_elements.size(); ++i)
    back.results.push_back(found_or_zeros(first_element + i));

  std::vector<Tensor> inputs = initial;
  inputs.insert(inputs.end(), stacked_inputs.begin(), stacked_inputs.end());
  inputs.insert(inputs.end(), rule.inputs.begin() + static_cast<std::ptrdiff_t>(states + elements),
                rule.inputs.end());
  // Gradient rules may use tensors that the loop itself does not.
  std::vector<Tensor> leaves = back.states;
  leaves.insert(leaves.end(), back.elements.begin(), back.elements.end());
  leaves.insert(leaves.end(), back.constants.begin(), back.constants.end());
  for (const Tensor& more : constants_of(back.results, leaves)) {
    back.constants.push_back(more);
    inputs.push_back(more);
  }
  const std::vector<Tensor> results = results_of(std::move(back), std::move(inputs));
  std::vector<Tensor> all(rule.inputs.size());
  std::size_t result = 0;
  for (const std::size_t state : carried) all[state] = results[result++];
  for (const std::size_t input : of_constants) all[input] = results[result++];
  for (const std::size_t input : of_elements) all[input] = results[result++];
  return all;
}

void check_dtype(std::string_view caller, std::string_view what, std::size_t i, const Tensor& x) {
  if (!is_packed(x.dtype())) return;
  throw Error(fmt::format("[{}] {} {} is {}; it is f32, i32, u32 or bool: cast it.", caller, what, i + 1,
                          describe(x)));
}

void check_defined(std::string_view caller, std::string_view what, const std::vector<Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].defined())
      throw Error(
          fmt::format("[{}] {} {} is an empty tensor; assign it a value first.", caller, what, i + 1));
  }
}

Scanned loop_over(std::string_view caller, std::int64_t count, const ScanStep& step, std::vector<Tensor> xs,
                  std::vector<Tensor> state, bool reverse) {
  Loop loop{.count = count, .reversed = reverse};
  for (std::size_t i = 0; i < state.size(); ++i) {
    check_dtype(caller, "state", i, state[i]);
    loop.states.push_back(placeholder(state[i], state[i].shape(), state[i].dtype()));
  }
  for (const Tensor& x : xs) loop.elements.push_back(element_of(x));
  const Scanned next = step(loop.states, loop.elements);
  check_defined(caller, "a step's state", next.state);
  check_defined(caller, "a step's stacked result", next.stacked);
  if (next.state.size() != state.size()) {
    throw Error(fmt::format("[{}] a step gives {} states and takes {}; it gives one for each.", caller,
                            next.state.size(), state.size()));
  }
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (next.state[i].shape() == state[i].shape() && next.state[i].dtype() == state[i].dtype()) continue;
    throw Error(fmt::format("[{}] a step turns state {}, {}, into {}; a state keeps its shape and dtype.",
                            caller, i + 1, describe(state[i]), describe(next.state[i])));
  }
  for (std::size_t i = 0; i < next.stacked.size(); ++i)
    check_dtype(caller, "stacked result", i, next.stacked[i]);
  loop.results = next.state;
  loop.results.insert(loop.results.end(), next.stacked.begin(), next.stacked.end());
  std::vector<Tensor> leaves = loop.states;
  leaves.insert(leaves.end(), loop.elements.begin(), loop.elements.end());
  loop.constants = constants_of(loop.results, leaves);
  std::vector<Tensor> inputs = std::move(state);
  inputs.insert(inputs.end(), xs.begin(), xs.end());
  inputs.insert(inputs.end(), loop.constants.begin(), loop.constants.end());
  const std::vector<Tensor> results = results_of(std::move(loop), std::move(inputs));
  const auto first_stacked = results.begin() + static_cast<std::ptrdiff_t>(next.state.size());
  return {{results.begin(), first_stacked},
          {first_stacked, first_stacked + static_cast<std::ptrdiff_t>(next.stacked.size())}};
}

std::vector<Tensor> sliced(const std::vector<Tensor>& xs, std::int64_t start, std::int64_t stop) {
  std::vector<Tensor> parts;
  for (const Tensor& x : xs) parts.push_back(slice(x, {{.start = start, .stop = stop}}));
  return parts;
}

// The first axis, of `outer` times `inner` elements, as two.
Tensor divided(const Tensor& x, std::int64_t outer, std::int64_t inner) {
  Shape shape{outer, inner};
  for (int axis = 1; axis < x.rank(); ++axis) shape.push_back(x.size(axis));
  return reshape(x, shape);
}

Tensor joined(const Tensor& x) {
  Shape shape{x.size(0) * x.size(1)};
  for (int axis = 2; axis < x.rank(); ++axis) shape.push_back(x.size(axis));
  return reshape(x, shape);
}

// A loop around loops of `every` steps, of which reverse mode saves the states between them. The remaining steps
// come last.
Scanned with_checkpoints(std::int64_t every, const ScanStep& step, const std::vector<Tensor>& xs,
                         std::vector<Tensor> state, bool reverse) {
  const std::int64_t count = xs[0].size(0), chunks = count / every, rest = count % every;
  const std::int64_t begin = reverse ? rest : 0;
  const ScanStep several = [&](const std::vector<Tensor>& now, const std::vector<Tensor>& elements) {
    return scan(step, elements, now, {.reverse = reverse});
  };
  std::vector<Tensor> in_chunks;
  for (const Tensor& x : sliced(xs, begin, begin + chunks * every))
    in_chunks.push_back(divided(x, chunks, every));
  Scanned all = scan(several, std::move(in_chunks), std::move(state), {.reverse = reverse});
  for (Tensor& stacked : all.stacked) stacked = joined(stacked);
  if (rest == 0) return all;
  const std::int64_t left = reverse ? 0 : chunks * every;
  Scanned last = scan(step, sliced(xs, left, left + rest), all.state, {.reverse = reverse});
  for (std::size_t i = 0; i < all.stacked.size(); ++i) {
    const Tensor &first = reverse ? last.stacked[i] : all.stacked[i],
                 &second = reverse ? all.stacked[i] : last.stacked[i];
    last.stacked[i] = concat({first, second}, 0);
  }
  return last;
}

}  // namespace

Scanned scan(const ScanStep& step, std::vector<Tensor> xs, std::vector<Tensor> state,
             const ScanOptions& options) {
  check_defined("scan", "xs", xs);
  check_defined("scan", "state", state);
  if (xs.empty()) throw Error("[scan] there is nothing to scan; use repeat for a number of steps.");
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (xs[i].rank() == 0)
      throw Error(
          fmt::format("[scan] xs {} is the scalar {}; a scan runs along axis 0.", i + 1, describe(xs[i])));
    if (xs[i].size(0) != xs[0].size(0)) {
      throw Error(fmt::format(
          "[scan] xs {}, {}, has {} elements along axis 0 and xs 1, {}, has {}; all have equally many.",
          i + 1, describe(xs[i]), xs[i].size(0), describe(xs[0]), xs[0].size(0)));
    }
  }
  const std::int64_t count = xs[0].size(0), every = options.checkpoint_every;
  if (every < 0)
    throw Error(fmt::format("[scan] checkpoint_every is {}; it is a number of steps, or 0 for none.", every));
  if (every > 0 && every < count) return with_checkpoints(every, step, xs, std::move(state), options.reverse);
  return loop_over("scan", count, step, std::move(xs), std::move(state), options.reverse);
}

std::vector<Tensor> repeat(std::int64_t count, std::vector<Tensor> state,
                           const std::function<std::vector<Tensor>(const std::vector<Tensor>& state)>& step) {
  if (count < 0) throw Error(fmt::format("[repeat] {} steps; there are none or more.", count));
  check_defined("repeat", "state", state);
  const ScanStep whole = [&](const std::vector<Tensor>& now, const std::vector<Tensor>&) {
    return Scanned{step(now)};
  };
  return loop_over("repeat", count, whole, {}, std::move(state), false).state;
}

}  // namespace hekla
