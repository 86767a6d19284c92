// CSVLogger.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"

namespace hekla {

/// Writes a line for each epoch: its number, counted from 0, and all of its logs in alphabetical order; "NA"
/// for a value that the epoch lacks. Each line is in the file when the epoch ends. Names that hold the
/// separator are quoted (RFC 4180). (keras.callbacks.CSVLogger.)
class CSVLogger : public Callback {
 public:
  /// `append` continues the file, with its columns. A training that was killed, and is resumed or restarted,
  /// thereby leaves the same file as one that was not interrupted. An incomplete last line is removed. Where
  /// fit begins with an epoch other than 0, the lines of that epoch and of later ones are removed. Where it
  /// begins with epoch 0, lines that are present already are not written again. Throws hekla::Error at the
  /// beginning of the training when the file cannot be opened.
  explicit CSVLogger(std::filesystem::path path, char separator = ',', bool append = false);

  void on_train_begin(Model& model) override;
  void on_epoch_begin(Model& model, int epoch) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_train_end(Model& model) override;

 private:
  /// A line of the file: its text without the line feed, and its offset.
  struct Line {
    int epoch;
    std::string text;
    std::size_t begin;
  };

  void take_up();
  void cut(std::size_t size);
  std::string cell(const std::string& text) const;
  std::vector<std::string> cells(std::string_view line) const;
  void write(const std::string& line);

  std::filesystem::path path_;
  char separator_;
  bool append_;
  std::ofstream file_;
  std::vector<std::string> columns_;  // without the epoch
  std::vector<Line> last_;            // of the last training in the file
  std::size_t found_again_ = 0;       // the number of lines of last_ that this training has repeated
  bool is_begun_ = false;
};

}  // namespace hekla
