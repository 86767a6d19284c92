// Labels: integers that name classes, checked on the host before a training uses them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The range of a tensor's labels.
struct LabelRange {
  double smallest = 0;
  double largest = 0;
  bool is_whole = true;

  bool within(std::int64_t classes) const {
    return is_whole && smallest >= 0 && largest < static_cast<double>(classes);
  }
};

/// The range of all elements; NaN does not count as whole.
LabelRange label_range(const Tensor& labels);

/// The position of the first element that is not a whole number in [begin, end). The first axis of `labels`
/// counts the examples; where `picked` is not null, only the examples at those positions are looked at.
std::optional<std::int64_t> first_outside(const Tensor& labels, double begin, double end,
                                          const std::vector<std::int32_t>* picked = nullptr);

/// Throws hekla::Error `[caller] ...` naming the first example whose label is not an integer or, where
/// `classes` is not 0, not in [0, classes - 1]. `labels` and `picked` are as in first_outside; errors number
/// the examples from `first`.
void check_labels(std::string_view caller, const Tensor& labels, std::int64_t classes, std::int64_t first = 0,
                  const std::vector<std::int32_t>* picked = nullptr);

}  // namespace hekla
