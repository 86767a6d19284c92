// TensorBoard.
#pragma once

#include <filesystem>
#include <memory>

#include "train/callbacks/callback.h"
#include "train/files/event_file.h"

namespace hekla {

/// Writes the logs of each epoch as curves for `tensorboard --logdir log_dir`: "epoch_loss" and the others.
/// As in Keras, curves of the training are in the folder train and those of the validation in the folder
/// validation. (keras.callbacks.TensorBoard.)
class TensorBoard : public Callback {
 public:
  explicit TensorBoard(std::filesystem::path log_dir = "logs");

  void on_train_begin(Model& model) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_train_end(Model& model) override;

 private:
  std::filesystem::path log_dir_;
  std::unique_ptr<EventWriter> train_, validation_;
};

}  // namespace hekla
