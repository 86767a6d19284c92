// Mode: whether a model is being trained or used, and what its layers have to say besides their results.
#pragma once

#include <cstdint>
#include <memory>
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

/// One layer as it was called first.
struct LayerRecord {
  std::shared_ptr<LayerState> layer;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  std::vector<Tensor> weights;  ///< those of layers inside it too
};

/// What one call of a model leaves behind besides its result.
struct CallRecord {
  bool training = false;
  bool chosen = true;  ///< false: of the default of an argument
  /// Decides what layers draw. Its stream is a tensor that a step advances.
  RandomKey key = {};
  std::uint32_t draws = 0;
  std::int64_t calls = 0;                         ///< of layers, so far
  std::vector<Update> updates;                    ///< of state that layers keep, such as moving means
  std::vector<Tensor> losses;                     ///< scalars to be added to the loss, such as regularization
  std::vector<Constrained> constrained;           ///< each weight once
  std::vector<const Node*> regularized;           ///< weights whose regularization is among the losses
  std::vector<const Node*> used;                  ///< weights of layers, at each use
  std::vector<std::shared_ptr<LayerState>> made;  ///< layers, once for each weight that was made in this walk
  std::vector<LayerRecord> layers;                ///< outermost layers in the order of their first call
  std::vector<std::shared_ptr<LayerState>> open;  ///< layers that are being called now, outermost first
  std::vector<std::shared_ptr<LayerState>> known;  ///< layers called so far, inner ones too
};

/// Handed from layer to layer when a model is called. A cheap handle; `{}` is inference. What is called
/// inside a model is handed the model's own: with a `{}` there, a layer that has weights or behaves otherwise
/// in training throws hekla::Error.
class Mode {
 public:
  /// The model is used: dropout does nothing, batch normalization uses what it has learned.
  Mode();
  explicit Mode(std::shared_ptr<CallRecord> record) : record_(std::move(record)) {}
  /// The same, inside another model that may be trained: for a part that is only used there, such as a
  /// teacher.
  static Mode inference();
  /// The model is trained. `key` decides what layers draw; let a step advance its stream.
  static Mode training(const RandomKey& key);

  bool is_training() const;

  /// A key of its own for each call, made of the training key. Throws hekla::Error in inference.
  RandomKey next_key() const;
  /// Gives a layer's own state, a variable, the value it takes when the step ends; ignored in inference. The
  /// last of several values counts.
  void update(const Tensor& variable, const Tensor& value) const;
  /// The value given to `variable` in this walk so far, or `variable` itself: what a layer that is called
  /// several times starts from.
  Tensor latest(const Tensor& variable) const;
  /// Adds a scalar (f32) to the loss: to that which is trained, and to those which fit and evaluate show.
  void add_loss(const Tensor& loss) const;

  /// Throws hekla::Error where a model is being called in this thread with another mode and this one is `{}`.
  void check_handed_on() const;

  CallRecord& record() const { return *record_; }

 private:
  std::shared_ptr<CallRecord> record_;
};

/// A call of a model: while it lives, `mode` is the one that layers called in this thread have to be handed.
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
