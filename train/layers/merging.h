// Layers that make one tensor of several: inside a function of yours, add({a, b}, mode), or in a Sequential after a layer
// that gives several. Bytes and integers are taken as f32.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// How elements are merged.
enum class MergeKind { add, subtract, multiply, average, maximum, minimum };

/// Merges tensors element by element. Axes of size 1 are repeated; a tensor of lower rank gets axes of size 1 after the
/// batch. Where all have masks of times (see Mode::set_mask), a time of the result counts where it counts for one of
/// them; otherwise the result has no mask. What a mask rules out does not matter to a product, a maximum or a minimum.
/// Throws hekla::Error at a call without tensors, of other than two for a difference, and of shapes that do not fit.
template <MergeKind kind>
class Merge {
 public:
  explicit Merge(const LayerOptions& options = {});
  Tensor operator()(const std::vector<Tensor>& inputs, const Mode& mode = {}) const;

 private:
  std::shared_ptr<LayerState> state_;
};

/// The sum, the difference of two, the product, the mean, the largest and the smallest. (keras.layers.Add, Subtract,
/// Multiply, Average, Maximum, Minimum.)
using Add = Merge<MergeKind::add>;
using Subtract = Merge<MergeKind::subtract>;
using Multiply = Merge<MergeKind::multiply>;
using Average = Merge<MergeKind::average>;
using Maximum = Merge<MergeKind::maximum>;
using Minimum = Merge<MergeKind::minimum>;

/// Joins tensors along an axis; in the others they have the same sizes. Their masks of times are joined along axis 1;
/// along another axis a time counts where it counts for one of them. A tensor without a mask counts everywhere. Throws
/// hekla::Error at a call without tensors, and of shapes that do not fit. (keras.layers.Concatenate.)
class Concatenate {
 public:
  explicit Concatenate(int axis = -1, const LayerOptions& options = {});
  Tensor operator()(const std::vector<Tensor>& inputs, const Mode& mode = {}) const;

 private:
  int axis_;
  std::shared_ptr<LayerState> state_;
};

/// What Dot takes, with Keras's names and defaults.
struct DotOptions {
  std::string name = {};
  bool normalize =
      false;  ///< vectors along the axes get the length 1 first, which gives the cosine of their angle
};

/// Sums the products of two tensors along an axis of each: [batch, .., n, ..] and [batch, .., n, ..] to [batch, the other
/// axes of the first, those of the second], and [batch, 1] where there are no others. The result has no mask. Throws
/// hekla::Error at a call of other than two tensors, on an axis that is the batch, and on axes of different sizes.
/// (keras.layers.Dot.)
class Dot {
 public:
  /// One axis of both; negative axes are counted from the end.
  explicit Dot(int axis, const DotOptions& options = {}) : Dot(std::pair(axis, axis), options) {}
  explicit Dot(std::pair<int, int> axes, const DotOptions& options = {});
  Tensor operator()(const std::vector<Tensor>& inputs, const Mode& mode = {}) const;

 private:
  std::pair<int, int> axes_;
  bool normalize_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
