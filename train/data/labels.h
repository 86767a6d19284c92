// Labels: integers that name classes, checked on the host before a training uses them.
#pragma once

#include <cstdint>
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

/// Throws hekla::Error `[caller] ...` naming the first example whose label is not an integer or, where
/// `classes` is not 0, not in [0, classes - 1]. The first axis of `labels` counts the examples; errors number
/// them from `first`. Where `picked` is not null, only the examples at those positions are checked.
void check_labels(std::string_view caller, const Tensor& labels, std::int64_t classes, std::int64_t first = 0,
                  const std::vector<std::int32_t>* picked = nullptr);

}  // namespace hekla
