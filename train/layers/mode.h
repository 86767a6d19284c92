// Mode: whether a model is in training or in inference, and what its layers report besides their results.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "graph/run/evaluator.h"
#include "graph/tensor.h"
#include "ops/random.h"
#include "train/layers/constraint.h"

namespace hekla {

class LayerState;

/// A weight whose value is corrected after each update.
struct Constrained {
  Tensor weight;
  Constraint constraint;
};

/// A layer at its first call.
struct LayerRecord {
  std::shared_ptr<LayerState> layer;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  std::vector<Tensor> weights;  ///< including those of inner layers
};

/// A layer and the first input of its first call.
struct FirstCall {
  std::shared_ptr<LayerState> layer;
  Tensor input;
};

/// A table whose rows a layer picks by index.
struct Lookup {
  Tensor indices;
  std::int64_t rows;
  std::shared_ptr<LayerState> layer;
};

/// Which times of a sequence count.
struct TimeMask {
  Tensor sequence;
  Tensor mask;  ///< bool [batch, time]
};

/// What one call of a model records besides its result.
struct CallRecord {
  bool training = false;
  bool chosen = true;  ///< false: `{}`, the default of an argument
  /// Seeds the random draws of layers. Its stream is a tensor that a step advances.
  RandomKey key = {};
  std::uint32_t draws = 0;
  std::int64_t calls = 0;                         ///< number of calls of layers so far
  std::vector<Update> updates;                    ///< of state that layers keep, such as moving means
  std::vector<Tensor> losses;                     ///< scalars to be added to the loss, such as regularization
  std::vector<Constrained> constrained;           ///< each weight once
  std::vector<const Node*> regularized;           ///< weights whose regularization is among the losses
  std::vector<const Node*> used;                  ///< weights of layers, at each use
  std::set<const Node*> untrained = {};           ///< weights that are state, whatever gradients reach
  std::map<const Node*, Tensor> replaced = {};    ///< what stands for a weight in this call
  std::vector<std::shared_ptr<LayerState>> made;  ///< layers, once for each weight made in this walk
  std::vector<Lookup> lookups;
  std::vector<TimeMask> masks;
  std::vector<LayerRecord> layers;                ///< outermost layers in the order of their first call
  std::vector<std::shared_ptr<LayerState>> open;  ///< layers that are being called now, outermost first
  std::vector<FirstCall> known;                   ///< layers called so far, including inner ones
};

/// Passed from layer to layer when a model is called. A cheap handle; `{}` is inference. Whatever is called
/// inside a model must be passed the model's own mode: with a `{}` there, a layer throws hekla::Error if it
/// has weights or behaves differently in training.
class Mode {
 public:
  /// Inference: dropout does nothing, batch normalization uses its moving statistics.
  Mode();
  explicit Mode(std::shared_ptr<CallRecord> record) : record_(std::move(record)) {}
  /// Inference inside another model that may be in training: for a part that is only used there, such as a
  /// teacher.
  static Mode inference();
  /// Training. `key` seeds the random draws of layers; let a step advance its stream.
  static Mode training(const RandomKey& key);

  bool is_training() const;

  /// A different key for each call, derived from the training key. Throws hekla::Error in inference.
  RandomKey next_key() const;
  /// Sets the value that a layer's own state, a variable, takes when the step ends; ignored in inference. The
  /// last of several values counts.
  void update(const Tensor& variable, const Tensor& value) const;
  /// The value set for `variable` in this walk so far, or `variable` itself: the starting point of a layer
  /// that is called several times.
  Tensor latest(const Tensor& variable) const;
  /// Adds a scalar (f32) to the loss that is trained and to the losses that fit and evaluate show.
  void add_loss(const Tensor& loss) const;

  /// Says which times of a sequence [batch, time, ..] count: mask is bool [batch, time]. Layers that handle
  /// masks find it here and pass it on, up to the loss and the metrics. Other layers and functions do not pass
  /// it on. Throws hekla::Error where the mask has another dtype or shape.
  void set_mask(const Tensor& sequence, const Tensor& mask) const;
  /// The mask set for this sequence in this walk, or empty.
  Tensor mask_of(const Tensor& sequence) const;

  /// Throws hekla::Error where this mode is `{}` while a model is called in this thread with another mode.
  void check_handed_on() const;

  CallRecord& record() const { return *record_; }

 private:
  std::shared_ptr<CallRecord> record_;
};

/// The scope of a call of a model: while it lives, layers called in this thread must be passed `mode`.
class Walk {
 public:
  explicit Walk(const Mode& mode);
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

 private:
  const CallRecord* outer_;
};

}  // namespace hekla
