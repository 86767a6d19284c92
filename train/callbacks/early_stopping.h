// EarlyStopping.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"
#include "train/callbacks/monitor.h"

namespace hekla {

/// What EarlyStopping takes, with Keras's names and defaults.
struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;  ///< a smaller change is no improvement
  int patience = 0;      ///< tolerated epochs without improvement; epochs without the number do not count
  std::string mode = "auto";
  std::optional<double> baseline = {};  ///< the value to be improved on first
  bool restore_best_weights = false;    ///< when the training ends, for whatever reason
  int start_from_epoch = 0;             ///< epochs before it do not count
};

/// Ends a training when the monitored number no longer improves. A training that it has ended stays ended
/// when it is resumed, unless with more patience. (keras.callbacks.EarlyStopping; unlike there, the best
/// weights are restored after every end, also that of the last epoch.)
class EarlyStopping : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});

  void on_train_begin(Model& model) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_train_end(Model& model) override;
  CallbackState state() const override;
  void on_resume(Model& model, const CallbackState& state) override;

  /// The epoch, counted from 0, after which the training was ended; 0 when it was not, as in Keras.
  int stopped_epoch() const { return stopped_epoch_; }
  /// The epoch, counted from 0, that was best.
  int best_epoch() const { return best_epoch_; }
  /// The best value of the monitored number; nothing before the first epoch that counts.
  const std::optional<double>& best() const { return best_; }

 private:
  EarlyStoppingOptions options_;
  Monitor monitor_;
  int wait_ = 0;
  int stopped_epoch_ = 0;
  int best_epoch_ = 0;
  std::optional<double> best_;
  std::vector<Tensor> best_weights_;
};

}  // namespace hekla
