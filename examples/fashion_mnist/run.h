// Run: one training from its beginning to its numbers.
#pragma once

#include <string>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/history_file.h"
#include "examples/fashion_mnist/options.h"
#include "examples/fashion_mnist/predictions.h"
#include "examples/fashion_mnist/recipe.h"
#include "examples/fashion_mnist/run_folder.h"
#include "examples/fashion_mnist/settings.h"

namespace hekla::fashion_mnist {

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
