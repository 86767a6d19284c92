// CSVLogger.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"

namespace hekla {

/// Writes a line for each epoch, counted from 0: its number and all of its logs, in the order of the
/// alphabet, "NA" for what an epoch does not have. Each line is in the file when the epoch ends.
/// (keras.callbacks.CSVLogger.)
class CSVLogger : public Callback {
 public:
  /// With `append` it goes on after what the file holds, in its columns; a last line that has no end, as a
  /// kill leaves it, is cut off. Throws hekla::Error at the beginning of the training when the file cannot be
  /// opened.
  explicit CSVLogger(std::filesystem::path path, char separator = ',', bool append = false);

  void on_train_begin(Model& model) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_train_end(Model& model) override;

 private:
  void take_up();
  void write(const std::string& line);

  std::filesystem::path path_;
  char separator_;
  bool append_;
  std::ofstream file_;
  std::vector<std::string> columns_;  // without the epoch
};

}  // namespace hekla
