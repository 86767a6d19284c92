// Taking positions away at the borders of spatial axes, and adding zeros there. Tensors are channels last, [batch,
// spatial axes, channels], of any dtype.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// A number of positions at the beginning of an axis and one at its end; a single number holds for both.
struct Border {
  Border(std::int64_t both) : before(both), after(both) {}
  Border(std::int64_t at_beginning, std::int64_t at_end) : before(at_beginning), after(at_end) {}
  std::int64_t before, after;
};

/// A Border for each spatial axis, or one for all, as in Keras: 2 at all borders; {1, 2} for 1 at both ends of the
/// first axis and 2 at both ends of the second; {{1, 0}, {2, 3}}.
template <int axes>
class Borders {
 public:
  Borders(std::int64_t all) : borders_(static_cast<std::size_t>(axes), Border(all)) {}
  Borders(std::initializer_list<Border> borders) : borders_(borders) {}
  const std::vector<Border>& of_axes() const { return borders_; }

 private:
  std::vector<Border> borders_;
};
/// The same of one axis: {1, 2} is 1 at its beginning and 2 at its end.
template <>
class Borders<1> {
 public:
  Borders(std::int64_t both) : borders_{Border(both)} {}
  Borders(std::int64_t at_beginning, std::int64_t at_end) : borders_{Border(at_beginning, at_end)} {}
  const std::vector<Border>& of_axes() const { return borders_; }

 private:
  std::vector<Border> borders_;
};

/// Takes positions away at the borders of the spatial axes. Throws hekla::Error at a call when x has another rank, and
/// when nothing is left of an axis.
template <int axes>
class Cropping {
 public:
  /// Keras's default, which of two axes takes nothing away.
  static constexpr std::int64_t default_cropping = axes == 2 ? 0 : 1;
  /// Throws hekla::Error on a negative number and on lists of another length.
  explicit Cropping(Borders<axes> cropping = default_cropping, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  Borders<axes> cropping_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.Cropping1D, Cropping2D, Cropping3D.)
using Cropping1D = Cropping<1>;
using Cropping2D = Cropping<2>;
using Cropping3D = Cropping<3>;

/// Adds zeros at the borders of the spatial axes. Throws hekla::Error at a call when x has another rank.
template <int axes>
class ZeroPadding {
 public:
  /// Throws hekla::Error on a negative number and on lists of another length.
  explicit ZeroPadding(Borders<axes> padding = 1, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  Borders<axes> padding_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.ZeroPadding1D, ZeroPadding2D, ZeroPadding3D.)
using ZeroPadding1D = ZeroPadding<1>;
using ZeroPadding2D = ZeroPadding<2>;
using ZeroPadding3D = ZeroPadding<3>;

}  // namespace hekla
