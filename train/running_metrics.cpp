// See running_metrics.h.
#include "train/running_metrics.h"

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

RunningMetrics::RunningMetrics()
    : loss_sum_(variable(constant(0), "loss_sum")), correct_(variable(constant(0, {}, i32), "correct")) {}

std::vector<Update> RunningMetrics::add(const Tensor& loss, const Tensor& labels,
                                        const Tensor& scores) const {
  const Tensor hits = sum(cast(argmax(scores) == cast(labels, i32), i32));
  // Weighted by its size, so that a smaller last batch counts for no more than it holds.
  return {{loss_sum_, loss_sum_ + loss * static_cast<double>(labels.count())}, {correct_, correct_ + hits}};
}

Metrics RunningMetrics::read(std::int64_t examples) const {
  const auto count = static_cast<double>(examples);
  return {.loss = loss_sum_.item<double>() / count, .accuracy = correct_.item<double>() / count};
}

void RunningMetrics::reset() {
  assign(loss_sum_, tensor({0}, {}));
  assign(correct_, tensor(std::vector<std::int32_t>{0}, {}));
}

}  // namespace hekla
