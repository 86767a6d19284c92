// Run: one training from its beginning to its numbers, the folder of its files, and how Ctrl-C ends it.
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

/// Where a training leaves its files.
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

/// Removes the files of the run before, which must not be taken for those of the one that begins.
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

/// Cuts off what comes after the first `epochs`: a run that was killed may have noted an epoch whose state it
/// did not save. Throws hekla::Error when there are fewer.
void keep_epochs(const std::filesystem::path& path, int epochs);

/// The epoch with the smallest validation loss, or the last one.
const EpochNumbers& kept_epoch(const std::vector<EpochNumbers>& history, bool keeps_best);

/// What decides the numbers of a run, besides the number of its epochs. They are kept beside its state, so that
/// a run goes on as it began.
struct Settings {
  std::string step;
  std::string optimizer;
  double learning_rate = 0;
  std::int64_t batch_size = 0;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> limit;
};

/// What the options and, where they say nothing, the recipe ask for.
Settings settings_for(const Recipe& recipe, const Options& options);

/// Writes them as JSON.
void save_settings(const std::filesystem::path& path, const Settings& settings);

/// Throws hekla::Error, naming the first that differs, unless the file holds these settings.
void check_settings(const std::filesystem::path& path, const Settings& settings);

/// From here on the first Ctrl-C is noted.
void watch_interrupts();
/// True once there was one.
bool interrupted();

struct Run {
  Settings settings;
  std::string device;
  std::string data;   ///< how many images train, validate and test
  std::string model;  ///< its summary
  std::int64_t parameters = 0;
  std::vector<EpochNumbers> history;
  EpochNumbers kept;  ///< the epoch whose weights are tested and kept
  double test_loss = 0;
  double test_accuracy = 0;
  double seconds = 0;       ///< spent on training
  int trained = 0;          ///< epochs in this time: a run that goes on has more in its history
  Predictions predictions;  ///< of the test images
};

/// Trains, tests and predicts. Each epoch is in the folder when it ends: history.csv, state.safetensors for
/// --resume, weights.safetensors. Throws hekla::Error on options that do not fit the run that shall go on,
/// and when the loss is no longer a number.
Run train(const Recipe& recipe, const Options& options, const Data& data, const RunFolder& folder);

/// Writes the numbers as result.json, a name and a value a line.
void save_result(const Run& run, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
