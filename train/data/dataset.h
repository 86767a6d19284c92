// Dataset: examples to train or test with. It holds whole tensors, which are uploaded once in their own dtype
// (images as bytes), or a generator that makes batches on the host while the device computes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/tensor.h"
#include "train/data/labels.h"
#include "train/layers/layer.h"

namespace hekla {

/// Examples stacked along the first axis.
struct Batch {
  std::vector<Tensor> inputs;
  std::vector<Tensor> targets;
  Tensor sample_weight;  ///< f32 [batch], or empty
};

/// The inputs, targets and sample weight of a batch in one list.
std::vector<Tensor> tensors_of(const Batch& batch);

class Batches;
struct BatchesOptions;

/// Returns the next batch, or nothing at the end.
using BatchSource = std::function<std::optional<Batch>()>;

/// Examples with targets, as tensors or from a generator. Cheap to copy.
class Dataset {
 public:
  /// One input, one target for each example, and a weight (f32 [n]) where wanted. Throws hekla::Error when
  /// the first axes differ or there is no example.
  Dataset(const Tensor& inputs, const Tensor& targets, const Tensor& sample_weight = {});
  /// Models of several inputs or outputs; no targets are needed to predict.
  explicit Dataset(std::vector<Tensor> inputs, std::vector<Tensor> targets = {},
                   const Tensor& sample_weight = {});

  /// Batches made on the host. `open` is called at the start of each pass. The source that it returns is
  /// called in another thread, up to `ahead` batches in advance. It must therefore not compute on the device;
  /// hk::tensor is the way to make tensors. All batches of a pass but the last have the same size.
  static Dataset from_generator(std::function<BatchSource()> open, std::size_t ahead = 2);

  /// The examples of both side by side: those of `a` at their places with those of `b`. It has the inputs of `a`, then
  /// those of `b`, and the targets likewise; the maps of each see its own. Nothing is copied where both pick the same
  /// positions. Throws hekla::Error on different sizes, on two sample weights, and on generators. (tf.data.Dataset.zip.)
  static Dataset zip(const Dataset& a, const Dataset& b);
  /// The same with the inputs of `targets` as targets, after those that this has.
  Dataset with_targets(const Dataset& targets) const;

  /// True where batches come from a generator.
  bool is_generated() const { return static_cast<bool>(open_); }
  /// Examples; throws hekla::Error where a generator makes them.
  std::int64_t size() const;

  /// All inputs, each [n, ..], as stored: before picking and mapping.
  const std::vector<Tensor>& inputs() const { return inputs_; }
  const std::vector<Tensor>& targets() const { return targets_; }
  const Tensor& sample_weight() const { return sample_weight_; }
  /// Positions in them of this data set's examples, or null for all in order.
  const std::shared_ptr<const std::vector<std::int32_t>>& picked() const { return picked_; }

  /// The examples at these positions, in this order. Nothing is copied. Throws hekla::Error on a position
  /// outside.
  Dataset pick(const std::vector<std::int32_t>& positions) const;
  /// The examples in [begin, end).
  Dataset slice(std::int64_t begin, std::int64_t end) const;
  /// The first `count` examples, or all when there are fewer.
  Dataset take(std::int64_t count) const;
  /// The same examples with these weights, f32 [size()].
  Dataset with_sample_weight(const Tensor& sample_weight) const;
  /// Inserts a layer, or any function of the inputs, between the data and the model: map(hk::RandomFlip(..)),
  /// map(hk::Rescaling(1.0 / 255)). It runs on the device, anew for each batch. Several maps run one after the
  /// other.
  Dataset map(Layer layer) const;
  /// The same between the targets and the loss: map_targets([](const hk::Tensor& y) { return hk::one_hot(y, 10); }).
  Dataset map_targets(Layer layer) const;
  /// The same of whole batches: a function from inputs, targets and sample weights to those of the model, which mixes
  /// them for example. In predict a batch has no targets and no weights.
  Dataset map_batch(std::function<Batch(const Batch&, const Mode&)> function) const;

  /// One pass over the batches, for a loop of your own: `for (const hk::Batch& batch : data.batches(32))`; see Batches.
  Batches batches(std::int64_t batch_size) const;
  Batches batches(std::int64_t batch_size, const BatchesOptions& options) const;

  /// A batch after all maps.
  Batch mapped(Batch batch, const Mode& mode) const;

  /// Whether a function is inserted between the inputs, or the targets, and the model.
  bool maps_inputs() const { return maps_inputs_; }
  bool maps_targets() const { return maps_targets_; }

  /// The range of the elements of an input or a target, as stored: computed at the first request and cached for
  /// all data sets of the same tensors.
  LabelRange range_of(const Tensor& elements) const;

  const std::function<BatchSource()>& generator() const { return open_; }
  std::size_t ahead() const { return ahead_; }

 private:
  struct Ranges;
  Dataset() = default;
  static Dataset zipped(std::string_view caller, const Dataset& a, const Dataset& b, bool as_targets);

  std::vector<Tensor> inputs_;
  std::vector<Tensor> targets_;
  Tensor sample_weight_;
  std::shared_ptr<const std::vector<std::int32_t>> picked_;
  std::shared_ptr<Ranges> ranges_;
  std::vector<std::function<Batch(const Batch&, const Mode&)>> maps_;
  bool maps_inputs_ = false, maps_targets_ = false;
  std::function<BatchSource()> open_;
  std::size_t ahead_ = 2;
};

}  // namespace hekla
