// Callbacks that change the optimizer's learning rate between epochs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "train/callbacks/callback.h"
#include "train/callbacks/monitor.h"

namespace hekla {

/// What ReduceLROnPlateau takes, with Keras's names and defaults.
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;  ///< the learning rate is multiplied by it; below 1
  int patience = 10;    ///< tolerated epochs without improvement; epochs without the number do not count
  std::string mode = "auto";
  double min_delta = 1e-4;
  int cooldown = 0;  ///< epochs after a reduction that do not count
  double min_lr = 0;
};

/// Lowers the learning rate when the monitored number no longer improves. Adds the rate to the logs as
/// "learning_rate". (keras.callbacks.ReduceLROnPlateau.)
class ReduceLROnPlateau : public Callback {
 public:
  /// Throws hekla::Error unless 0 < factor < 1 and the others are not negative.
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
  void on_train_begin(Model& model) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  CallbackState state() const override;
  void on_resume(Model& model, const CallbackState& state) override;

 private:
  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  int wait_ = 0;
  int cooling_ = 0;
  std::optional<double> best_;
};

/// Sets the learning rate at the beginning of each epoch to the result of a function of the epoch, counted
/// from 0, and of the current rate. Adds the rate to the logs as "learning_rate".
/// (keras.callbacks.LearningRateScheduler.)
class LearningRateScheduler : public Callback {
 public:
  explicit LearningRateScheduler(std::function<double(int epoch, double learning_rate)> schedule);
  void on_epoch_begin(Model& model, int epoch) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;

 private:
  std::function<double(int, double)> schedule_;
};

}  // namespace hekla
