// Adafactor.
#include "ops/optim/adafactor.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

bool is_factored(const Shape& shape) { return shape.rank() >= 2; }

// The shape of a mean over one of the last two axes.
Shape without(const Shape& shape, int from_end) {
  Shape rest;
  for (int axis = 0; is_factored(shape) && axis < shape.rank(); ++axis) {
    if (axis != shape.rank() - from_end) rest.push_back(shape[axis]);
  }
  return rest;
}

Tensor rms(const Tensor& x) { return sqrt(mean(square(x))); }

OptimizerRule::Change changed(const AdafactorOptions& o, const OptimizerRule::Time& now, const Tensor& x,
                              const Tensor& g, const std::vector<Tensor>& slots) {
  const Tensor fresh = pow(now.t, o.beta_2_decay);
  const Tensor squares = square(g) + o.epsilon_1;
  const auto average = [&](const Tensor& old, const Tensor& added) {
    return (1 - fresh) * old + fresh * added;
  };
  std::vector<Tensor> kept = slots;
  if (is_factored(x.shape())) {
    kept[0] = average(slots[0], mean(squares, {-1}));
    kept[1] = average(slots[1], mean(squares, {-2}));
  } else {
    kept[2] = average(slots[2], squares);
  }
  const auto mean_squares = [&]() -> Tensor {
    if (!is_factored(x.shape())) return kept[2];
    const Tensor rows = kept[0] / mean(kept[0], {-1}, KeepDims::yes);
    return expand_dims(rows, -1) * expand_dims(kept[1], -2);
  };
  const Tensor u = g / sqrt(mean_squares());
  const Tensor rate = maximum(rms(x), o.epsilon_2) * minimum(now.learning_rate, rsqrt(now.t));
  return {.x = x - rate * (u / maximum(rms(u) / o.clip_threshold, 1)), .slots = kept};
}

OptimizerRule rule_of(const AdafactorOptions& o) {
  check_finite("adafactor", "beta_2_decay", o.beta_2_decay);
  if (o.beta_2_decay >= 0)
    throw Error(fmt::format("[adafactor] beta_2_decay is {}; it must be negative.", o.beta_2_decay));
  check_not_negative("adafactor", "epsilon_1", o.epsilon_1);
  check_not_negative("adafactor", "epsilon_2", o.epsilon_2);
  check_positive("adafactor", "clip_threshold", o.clip_threshold);
  const auto rest = [](int from_end) {
    return [from_end](const Shape& shape) { return without(shape, from_end); };
  };
  const auto whole = [](const Shape& shape) { return is_factored(shape) ? Shape{} : shape; };
  return {.name = "adafactor",
          .slots = {{"row", 0, rest(1)}, {"column", 0, rest(2)}, {"velocity", 0, whole}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=](const Tensor& x, const Tensor& g, const std::vector<Tensor>& slots) {
              return changed(o, now, x, g, slots);
            }};
          }};
}

}  // namespace

Adafactor::Adafactor(const AdafactorOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
