// Options of windows over spatial axes: as in Keras, one number or a list, and padding by name.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/tensor.h"
#include "ops/nn/spatial.h"

namespace hekla {

/// Throws hekla::Error `[layer] ...` unless x is [batch, spatial axes, channels] with this many spatial axes.
void check_spatial_rank(std::string_view layer, const Tensor& x, int axes);

/// A number for each spatial axis, or one for all: 3 or {3, 5}. Empty where a layer has its own default.
class AxisSizes {
 public:
  AxisSizes() = default;
  AxisSizes(std::int64_t number) : numbers_{number} {}
  AxisSizes(std::initializer_list<std::int64_t> numbers) : numbers_(numbers) {}
  AxisSizes(std::vector<std::int64_t> numbers) : numbers_(std::move(numbers)) {}

  bool empty() const { return numbers_.empty(); }
  const std::vector<std::int64_t>& numbers() const { return numbers_; }
  /// The number of a spatial axis.
  std::int64_t operator[](int axis) const {
    return numbers_[numbers_.size() == 1 ? 0 : static_cast<std::size_t>(axis)];
  }

 private:
  std::vector<std::int64_t> numbers_;
};

/// A PaddingMode or Keras's name of it.
class PaddingName {
 public:
  PaddingName(PaddingMode mode) : mode_(mode) {}
  /// "valid", "same" or "causal", in letters of any case. Throws hekla::Error for another.
  PaddingName(std::string_view name);
  PaddingName(const char* name) : PaddingName(std::string_view(name)) {}

  operator PaddingMode() const { return mode_; }

 private:
  PaddingMode mode_;
};

}  // namespace hekla
