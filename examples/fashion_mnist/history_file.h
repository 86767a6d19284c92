// history.csv of a run: what CSVLogger wrote, read back.
#pragma once

#include <filesystem>
#include <vector>

namespace hekla::fashion_mnist {

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

}  // namespace hekla::fashion_mnist
