// Learning rates.
#include "ops/optim/learning_rate.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/optim/checks.h"

namespace hekla {

Tensor LearningRate::at(const Tensor& step, std::string_view owner) const {
  if (!scheduled_) {
    check_not_negative(owner, "learning rate", number_);
    return constant(number_);
  }
  if (!schedule_)
    throw Error(fmt::format("[{}] the schedule is an empty function; give a function or a number.", owner));
  Tensor rate = schedule_(step);
  if (rate.defined() && is_literal(rate)) rate = constant(rate.node().attributes.number);
  if (!rate.defined() || rate.dtype() != DType::f32 || (rate.rank() != 0 && rate.shape() != step.shape())) {
    throw Error(fmt::format("[{}] the schedule gives {}; it must give one f32 number.", owner,
                            rate.defined() ? describe(rate) : "an empty tensor"));
  }
  return rate;
}

}  // namespace hekla
