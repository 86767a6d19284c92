// Callback: observes a training and may steer it. Hooks are called in Keras's order: train_begin; for each
// epoch epoch_begin, the batches, the validation, epoch_end and checkpoint; finally train_end.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "train/callbacks/callback_state.h"
#include "train/metrics/logs.h"

namespace hekla {

class Model;

/// The interface of callbacks: hooks that do nothing unless they are overridden.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin(Model&) {}
  /// Called when a training ends for any reason: the last epoch, an early stop, or an error.
  virtual void on_train_end(Model&) {}
  /// Epochs count from 0.
  virtual void on_epoch_begin(Model&, int /*epoch*/) {}
  /// `logs` holds the means of the epoch; those of the validation have "val_" before their names. Entries
  /// that are added to it are kept in the history.
  virtual void on_epoch_end(Model&, int /*epoch*/, Logs& /*logs*/) {}
  /// Called after on_epoch_end of all callbacks, so that what is saved here includes the effect of each.
  virtual void on_checkpoint(Model&, int /*epoch*/, const Logs& /*logs*/) {}
  virtual void on_train_batch_begin(Model&, std::int64_t /*batch*/) {}
  virtual void on_train_batch_end(Model&, std::int64_t /*batch*/, const Logs& /*logs*/) {}
  virtual void on_test_begin(Model&) {}
  virtual void on_test_end(Model&, const Logs& /*logs*/) {}

  /// The state to keep between epochs; requested after on_epoch_end and before on_checkpoint.
  virtual CallbackState state() const { return {}; }
  /// Called after on_train_begin with what state() was, where a training is resumed. fit then begins with the
  /// epoch that the model's last training, or the one whose file was loaded, has reached.
  virtual void on_resume(Model&, const CallbackState& /*state*/) {}

  /// Called when the loss is no longer finite. `cause` is a sentence with the epoch, the step and the first
  /// operation at fault. The model is as it was before that step.
  virtual void on_not_finite(Model&, const std::string& /*cause*/) {}

  /// True where on_not_finite is wanted. fit then checks the loss about twenty times a second. It keeps a
  /// copy of all that a step changes on the device, from which the cause is found.
  virtual bool watches_numbers() const { return false; }
  /// True where the batch hooks are wanted; steps then run one by one, which is slower.
  virtual bool watches_batches() const { return false; }
};

/// A callback as an argument of fit: the caller's own object by reference, so that it can be queried
/// afterwards, or a temporary.
class CallbackRef {
 public:
  template <std::derived_from<Callback> C>
  requires(!std::is_const_v<C>) CallbackRef(C& callback)
      : callback_(std::shared_ptr<Callback>(), &callback) {}
  template <class C>
  requires(std::derived_from<C, Callback> && !std::is_lvalue_reference_v<C>) CallbackRef(C&& callback)
      : callback_(std::make_shared<C>(std::move(callback))) {}
  CallbackRef(std::shared_ptr<Callback> callback) : callback_(std::move(callback)) {}

  Callback* operator->() const { return callback_.get(); }
  Callback& operator*() const { return *callback_; }

 private:
  std::shared_ptr<Callback> callback_;
};

}  // namespace hekla
