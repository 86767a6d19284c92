// ModelCheckpoint.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "train/callbacks/callback.h"
#include "train/callbacks/monitor.h"

namespace hekla {

/// What ModelCheckpoint takes, with Keras's names and defaults.
struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  bool save_best_only = false;
  bool save_weights_only = false;  ///< otherwise the whole state of the training, so that it can be resumed
  std::string mode = "auto";
  int save_freq = 1;                                   ///< epochs between files
  std::optional<double> initial_value_threshold = {};  ///< for save_best_only: the value to improve on first
};

/// Saves the model after epochs, as Model::save or save_weights does. A file is replaced atomically, so that
/// a kill at any moment leaves the last good one. The path may name numbers of the epoch, as in
/// "run/{epoch:02d}-{val_loss:.2f}.safetensors"; epochs count from 1 there, as in Keras. It saves after all
/// callbacks have seen the end of the epoch, so that its position among them does not matter. Where it needs
/// a number of the validation, it waits for an epoch that has one. (keras.callbacks.ModelCheckpoint.)
class ModelCheckpoint : public Callback {
 public:
  explicit ModelCheckpoint(std::string path, ModelCheckpointOptions options = {});

  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_checkpoint(Model& model, int epoch, const Logs& logs) override;
  CallbackState state() const override;
  void on_resume(Model& model, const CallbackState& state) override;

  /// The last file written; empty before the first.
  const std::string& saved() const { return saved_; }

 private:
  std::string path_;
  ModelCheckpointOptions options_;
  Monitor monitor_;
  bool is_due_ = false;
  std::optional<double> best_;
  std::string saved_;
};

/// `path` with {epoch} and {name} of the logs filled in; a format may follow after a colon. Throws
/// hekla::Error on an unknown name and on a format that does not fit.
std::string fill_path(std::string_view path, int epoch, const Logs& logs);

}  // namespace hekla
