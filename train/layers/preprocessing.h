// Layers that prepare numbers and categories before a network: in the model, or as a map of a Dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What Normalization takes, with Keras's names and defaults.
struct NormalizationOptions {
  std::string name = {};
  /// Axes of x, the batch being 0, along which each position has a mean and a variance of its own; none: one for all.
  std::vector<int> axis = {-1};
  Tensor mean =
      {};  ///< f32 of the sizes of those axes or a shape that broadcasts to them; with a variance of the shape
  Tensor variance = {};
  bool invert = false;  ///< undoes the normalization: x * max(sqrt(variance), 1e-7) + mean
};

/// y = (x - mean) / max(sqrt(variance), 1e-7) with a mean and a variance that are given, or found by adapt and kept in the
/// weights mean and variance, which are not trained; before it they are 0 and 1. Bytes and integers are taken as f32. The
/// result keeps the mask of times of x (see Mode::set_mask). Throws hekla::Error at a call when x lacks an axis, and when
/// mean and variance do not broadcast to the axes. (keras.layers.Normalization.)
class Normalization {
 public:
  /// Throws hekla::Error when only one of mean and variance is given, or they have different shapes or are not f32.
  explicit Normalization(NormalizationOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// Computes mean and variance of the data [examples, ..], as those of a Dataset's inputs(); copies of the layer share
  /// them. Throws hekla::Error on data without elements, when mean and variance are given, and when the layer was built
  /// with other sizes.
  void adapt(const Tensor& data);

 private:
  struct Adapted {
    Tensor mean, variance;  // of the kept axes, f32; empty before adapt
  };
  /// The axes along which statistics are kept, sorted. Throws where x lacks one.
  std::vector<int> kept_axes(const Tensor& x) const;

  NormalizationOptions options_;
  std::shared_ptr<Adapted> adapted_ = std::make_shared<Adapted>();
  std::shared_ptr<LayerState> state_;
};

/// How categories are encoded.
enum class CategoryMode { integer, one_hot, multi_hot, count };

/// The mode of that name: "int", "one_hot", "multi_hot" or "count". Throws hekla::Error `[layer] ...` for another.
CategoryMode category_mode(std::string_view layer, std::string_view name);
/// Categories, i32, as `mode` says (see CategoryEncoding); those outside of 0 to depth - 1 are left out of an encoding.
Tensor encoded_categories(const Tensor& categories, std::int64_t depth, CategoryMode mode,
                          const Tensor& count_weights = {});

/// What Discretization takes, with Keras's names and defaults.
struct DiscretizationOptions {
  std::string name = {};
  std::vector<double> bin_boundaries = {};  ///< in rising order
  int num_bins = 0;                         ///< for adapt, in place of boundaries
  double epsilon = 0.01;                    ///< how exact the quantiles of adapt are
  std::string output_mode = "int";          ///< or "one_hot", "multi_hot" and "count": see CategoryEncoding
};

/// The number of the bin that an element lies in: of boundaries it has reached, i32 of the shape of x, or its encoding.
/// Boundaries 0 and 1 make the bins below 0, from 0 to 1, and from 1 on, with 1 in the last. NaN is in the last, too.
/// (keras.layers.Discretization.)
class Discretization {
 public:
  /// Throws hekla::Error unless either boundaries are given, in rising order, or a number of bins of 1 or more; on an
  /// epsilon outside (0, 1) and on another output_mode.
  explicit Discretization(const DiscretizationOptions& options);
  /// Throws hekla::Error before the boundaries are known.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// Takes quantiles of the data for boundaries, in Keras's way: from each epsilon of the sorted elements one is taken, and
  /// between them is interpolated. Copies of the layer share them. Throws hekla::Error on data without elements and when
  /// boundaries are given.
  void adapt(const Tensor& data);
  /// Empty before adapt, where they are not given.
  const std::vector<double>& bin_boundaries() const { return *boundaries_; }

 private:
  DiscretizationOptions options_;
  CategoryMode mode_ = CategoryMode::integer;
  std::shared_ptr<std::vector<double>> boundaries_;
  std::shared_ptr<LayerState> state_;
};

/// What CategoryEncoding takes, with Keras's names and defaults.
struct CategoryEncodingOptions {
  std::string name = {};
  /// "one_hot": [..] or [.., 1] to [.., num_tokens]. "multi_hot": [batch, n, ..] to [batch, .., num_tokens], 1 where a
  /// category occurs among the n. "count": the same with the number of times.
  std::string output_mode = "multi_hot";
};

/// Encodes categories, integers from 0 to num_tokens - 1, as f32; others are left out. Throws hekla::Error at a call when
/// x holds no integers. (keras.layers.CategoryEncoding.)
class CategoryEncoding {
 public:
  /// Throws hekla::Error unless num_tokens is positive, and on another output_mode.
  explicit CategoryEncoding(std::int64_t num_tokens, const CategoryEncodingOptions& options = {});
  /// With count, each category counts as its weight: f32 of the shape of x. Throws hekla::Error on weights of another
  /// shape or with another output_mode.
  Tensor operator()(const Tensor& x, const Mode& mode = {}, const Tensor& count_weights = {}) const;

 private:
  std::int64_t num_tokens_;
  CategoryMode mode_ = CategoryMode::multi_hot;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
