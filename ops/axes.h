// Axes: which axes of a tensor an operation is over.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace hekla {

/// One axis, several, or, where empty, all: sum(x, 0), sum(x, {0, -1}), sum(x). Negative ones count from the end.
class Axes {
 public:
  Axes() = default;
  Axes(int axis) : axes_{axis} {}
  Axes(std::initializer_list<int> axes) : axes_(axes) {}
  Axes(std::vector<int> axes) : axes_(std::move(axes)) {}

  bool empty() const { return axes_.empty(); }
  std::size_t size() const { return axes_.size(); }
  const int* begin() const { return axes_.data(); }
  const int* end() const { return axes_.data() + axes_.size(); }
  operator const std::vector<int>&() const { return axes_; }

 private:
  std::vector<int> axes_;
};

}  // namespace hekla
