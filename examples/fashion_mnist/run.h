// Run: one training with its results, the folder of its files, and the handling of Ctrl-C.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/options.h"
#include "examples/fashion_mnist/recipes.h"

namespace hekla::fashion_mnist {

/// The files of a training.
struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path settings() const { return path / "settings.json"; }
  std::filesystem::path history() const { return path / "history.csv"; }
  std::filesystem::path state() const { return path / "state.safetensors"; }
  std::filesystem::path weights() const { return path / "weights.safetensors"; }
  std::filesystem::path result() const { return path / "result.json"; }
  std::filesystem::path summary() const { return path / "summary.txt"; }
  std::filesystem::path learning_curve() const { return path / "learning_curve.svg"; }
  std::filesystem::path confusion() const { return path / "confusion.svg"; }
  std::filesystem::path mistakes() const { return path / "mistakes.png"; }
  std::filesystem::path comparison() const { return path / "comparison.svg"; }
  std::filesystem::path comparison_table() const { return path / "comparison.csv"; }
  std::filesystem::path report() const { return path / "report.html"; }
};

/// Makes the folder where it is missing. Throws hekla::Error when it cannot be made or written to.
RunFolder open_folder(const std::filesystem::path& path);

/// Removes the files of an earlier run, so that they are not taken for those of the new one.
void clear_folder(const RunFolder& folder);

/// A line of history.csv, which CSVLogger writes.
struct EpochNumbers {
  int epoch = 0;  ///< from 0
  double accuracy = 0;
  double loss = 0;
  double val_accuracy = 0;
  double val_loss = 0;
};

/// Throws hekla::Error when the file is missing or is not such a history.
std::vector<EpochNumbers> read_history(const std::filesystem::path& path);

/// Truncates the history after the first `epochs`: a killed run may have logged an epoch whose state it did
/// not save. Throws hekla::Error when there are fewer.
void keep_epochs(const std::filesystem::path& path, int epochs);

/// The epoch with the smallest validation loss, or the last one.
const EpochNumbers& kept_epoch(const std::vector<EpochNumbers>& history, bool keeps_best);

/// What determines the numbers of a run, besides its number of epochs. The settings are stored beside its
/// state, so that a resumed run keeps them.
struct Settings {
  std::string step;
  std::string optimizer;
  double learning_rate = 0;
  std::int64_t batch_size = 0;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> limit;
};

/// The settings that the options give, with the recipe's as defaults.
Settings settings_for(const Recipe& recipe, const Options& options);

/// Writes them as JSON.
void save_settings(const std::filesystem::path& path, const Settings& settings);

/// Throws hekla::Error, naming the first that differs, unless the file holds these settings.
void check_settings(const std::filesystem::path& path, const Settings& settings);

/// Installs the signal handler: from here on the first Ctrl-C is recorded.
void watch_interrupts();
/// True once Ctrl-C was pressed.
bool interrupted();

struct Run {
  Settings settings;
  std::string device;
  std::string data;   ///< the numbers of training, validation and test images
  std::string model;  ///< its summary
  std::int64_t parameters = 0;
  std::vector<EpochNumbers> history;
  EpochNumbers kept;  ///< the epoch whose weights are tested and kept
  double test_loss = 0;
  double test_accuracy = 0;
  double seconds = 0;       ///< spent on training
  int trained = 0;          ///< epochs in that time; the history of a resumed run has more
  Predictions predictions;  ///< of the test images
};

/// Trains, tests and predicts. The files in the folder are updated after each epoch: history.csv,
/// state.safetensors for --resume, weights.safetensors. Throws hekla::Error on options that do not match the
/// resumed run, and when the loss becomes NaN.
Run train(const Recipe& recipe, const Options& options, const Data& data, const RunFolder& folder);

/// Writes the numbers as result.json, one name and value per line.
void save_result(const Run& run, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
