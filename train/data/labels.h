// Labels: whole numbers that name classes, looked at on the host before they are trained with.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// What all labels of a tensor have in common.
struct LabelRange {
  double smallest = 0;
  double largest = 0;
  bool is_whole = true;

  bool within(std::int64_t classes) const {
    return is_whole && smallest >= 0 && largest < static_cast<double>(classes);
  }
};

/// Of all elements; NaN is not whole.
LabelRange label_range(const Tensor& labels);

/// Throws hekla::Error `[caller] ...` that names the first example with a label that is not whole or, where
/// `classes` is not 0, not one of 0 to classes - 1. The first axis of `labels` counts the examples, of which
/// the first is called `first`; only those at `picked` count, where it is not null.
void check_labels(std::string_view caller, const Tensor& labels, std::int64_t classes, std::int64_t first = 0,
                  const std::vector<std::int32_t>* picked = nullptr);

}  // namespace hekla
