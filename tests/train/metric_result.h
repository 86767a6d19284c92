// The result of a metric, for tests.
#pragma once

#include <vector>

#include "graph/tensor.h"
#include "train/metrics/metric.h"

namespace hekla::testing {

/// The result of a metric over batches of `size` examples; the last one may be smaller. Several numbers where it is a
/// tensor.
std::vector<double> results(const Metric& metric, const Tensor& targets, const Tensor& predictions,
                            const Tensor& weight = {}, std::int64_t size = 100);
/// The same where it is one number.
double result(const Metric& metric, const Tensor& targets, const Tensor& predictions,
              const Tensor& weight = {}, std::int64_t size = 100);

}  // namespace hekla::testing
