// Shape: the sizes of a tensor's axes, outermost first, and the arithmetic of shapes (NumPy's rules).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hekla {

/// Kernels count in 32 bits: no tensor in memory and no loop has more elements. What is only computed on the
/// way to something smaller may have.
constexpr std::int64_t most_positions = std::numeric_limits<std::int32_t>::max();

/// Axis sizes in row-major order. Rank 0 is a scalar; an axis may have size 0. Held inline: a shape never
/// allocates.
class Shape {
 public:
  static constexpr int max_rank = 12;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes);
  explicit Shape(std::span<const std::int64_t> sizes);
  explicit Shape(const std::vector<std::int64_t>& sizes) : Shape(std::span<const std::int64_t>(sizes)) {}

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return sizes_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return sizes_[static_cast<std::size_t>(axis)]; }
  const std::int64_t* begin() const { return sizes_.data(); }
  const std::int64_t* end() const { return sizes_.data() + rank_; }
  std::int64_t back() const { return sizes_[static_cast<std::size_t>(rank_ - 1)]; }

  /// Number of elements: the product of the sizes, 1 for a scalar. Throws where it is 2^62 or more.
  std::int64_t count() const;

  void push_back(std::int64_t size);
  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int axis = 0; axis < rank_; ++axis) {
      if ((*this)[axis] != other[axis]) return false;
    }
    return true;
  }

 private:
  std::array<std::int64_t, max_rank> sizes_{};
  int rank_ = 0;
};

/// "[64,784]".
std::string to_string(const Shape& shape);

/// Row-major strides, in elements.
std::vector<std::int64_t> strides_of(const Shape& shape);

/// `axis` counted from the end when negative; throws `[op] ...` when it is outside the rank.
int normalize_axis(int axis, int rank, std::string_view op);

/// Sorted, distinct, non-negative axes; throws on an axis out of range or named twice.
std::vector<int> normalize_axes(std::span<const int> axes, int rank, std::string_view op);

/// The common shape of two operands under NumPy's broadcasting; throws naming both shapes.
Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view op);

}  // namespace hekla
