// Basic indexing: integers, slices, new axes and an ellipsis, as between NumPy's brackets.
//
//   index(x, {0})                                   x[0]
//   index(x, {Range{1, 5}, ellipsis, -1})           x[1:5, ..., -1]
//   index(x, {ellipsis, Range{.step = -1}})         x[..., ::-1]
//   index(x, {new_axis, Range{}, new_axis})         x[None, :, None]
#pragma once

#include <concepts>
#include <variant>
#include <vector>

#include "graph/tensor.h"
#include "ops/view.h"

namespace hekla {

/// Stands for all axes that no other subscript names, taken whole.
struct Ellipsis {};
inline constexpr Ellipsis ellipsis{};

/// An axis of size 1 that x does not have.
struct NewAxis {};
inline constexpr NewAxis new_axis{};

/// One subscript of an index, as between two commas in NumPy's brackets.
class Subscript {
 public:
  /// A position, counted from the end when negative; its axis is removed.
  template <std::integral I>
  Subscript(I position) : item_(static_cast<std::int64_t>(position)) {}
  Subscript(const Range& range) : item_(range) {}
  /// {1, 5} is Range{1, 5}.
  Subscript(std::int64_t start, std::int64_t stop, std::int64_t step = 1) : item_(Range{start, stop, step}) {}
  Subscript(Ellipsis) : item_(Ellipsis{}) {}
  Subscript(NewAxis) : item_(NewAxis{}) {}

  const std::variant<std::int64_t, Range, Ellipsis, NewAxis>& item() const { return item_; }

 private:
  std::variant<std::int64_t, Range, Ellipsis, NewAxis> item_;
};

/// x[subscripts] by NumPy's rules for basic indexing; a view. Axes that are not named are taken whole. Any
/// dtype. Throws hekla::Error on a position outside its axis, more subscripts than axes, or two ellipses.
Tensor index(const Tensor& x, const std::vector<Subscript>& subscripts);

}  // namespace hekla
