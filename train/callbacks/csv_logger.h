// CSVLogger.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "train/callbacks/callback.h"

namespace hekla {

/// Writes a line for each epoch, counted from 0: its number and all of its logs, in the order of the
/// alphabet, "NA" for what an epoch does not have. Each line is in the file when the epoch ends. Names are
/// quoted where they hold the separator (RFC 4180). (keras.callbacks.CSVLogger.)
class CSVLogger : public Callback {
 public:
  /// With `append` it goes on after what the file holds, in its columns, so that a training which was killed
  /// and goes on, or begins anew, leaves the file of one that never was: a last line that has no end is cut
  /// off; lines of the epoch that fit begins with and of later ones are, too, where that is not epoch 0; and
  /// where it is, lines that are there already are not written again. Throws hekla::Error at the beginning of
  /// the training when the file cannot be opened.
  explicit CSVLogger(std::filesystem::path path, char separator = ',', bool append = false);

  void on_train_begin(Model& model) override;
  void on_epoch_begin(Model& model, int epoch) override;
  void on_epoch_end(Model& model, int epoch, Logs& logs) override;
  void on_train_end(Model& model) override;

 private:
  /// A line of the file: what is written there, without its end, and where.
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
  std::size_t found_again_ = 0;       // lines of them that were to be written again
  bool is_begun_ = false;
};

}  // namespace hekla
