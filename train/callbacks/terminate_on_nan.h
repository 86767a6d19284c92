// TerminateOnNaN.
#pragma once

#include <string>

#include "train/callbacks/callback.h"

namespace hekla {

/// Ends a training whose loss is no longer finite. It prints to standard error which operation made the first
/// NaN, in which layer and step, and restores the model to its state before that step. The interrupted epoch
/// does not count. (keras.callbacks.TerminateOnNaN, which only stops.)
class TerminateOnNaN : public Callback {
 public:
  void on_train_begin(Model& model) override;
  void on_not_finite(Model& model, const std::string& cause) override;
  bool watches_numbers() const override { return true; }

  /// The reason for ending the training; empty when it did not.
  const std::string& cause() const { return cause_; }

 private:
  std::string cause_;
};

}  // namespace hekla
