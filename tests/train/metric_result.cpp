// See metric_result.h.
#include "tests/train/metric_result.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "graph/run/evaluator.h"
#include "ops/view.h"
#include "train/metrics/running.h"

namespace hekla::testing {

std::vector<double> results(const Metric& metric, const Tensor& targets, const Tensor& predictions,
                            const Tensor& weight, std::int64_t size) {
  RunningMetrics running;
  for (std::int64_t begin = 0; begin < predictions.size(0); begin += size) {
    const std::int64_t end = std::min(begin + size, predictions.size(0));
    const auto part = [&](const Tensor& t) { return t.defined() ? slice(t, {{begin, end}}) : t; };
    evaluate({.updates = running.add("metric", metric, part(targets), part(predictions), part(weight))});
  }
  Logs logs = running.read();
  const auto found = logs.tensors.find("metric");
  return found == logs.tensors.end() ? std::vector<double>{logs["metric"]}
                                     : found->second.to_vector<double>();
}

double result(const Metric& metric, const Tensor& targets, const Tensor& predictions, const Tensor& weight,
              std::int64_t size) {
  const std::vector<double> numbers = results(metric, targets, predictions, weight, size);
  REQUIRE(numbers.size() == 1);
  return numbers[0];
}

}  // namespace hekla::testing
