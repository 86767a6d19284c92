// CallbackState: what a callback remembers from epoch to epoch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "train/metrics/logs.h"

namespace hekla {

/// What a callback has to remember for a training to go on in another process as if it had never stopped.
/// Model::save writes it.
struct CallbackState {
  std::string name = {};  ///< whose it is, "early_stopping/val_loss"; empty where nothing is remembered
  Logs numbers = {};
  std::vector<Tensor> tensors = {};

  /// Remembers a number, or that there is none.
  void set(std::string_view number, const std::optional<double>& value);
  /// The number of that name, or nothing.
  std::optional<double> number(std::string_view number) const;
  /// The number of that name as a whole one. Throws hekla::Error unless it is there and whole.
  int whole(std::string_view number) const;
};

}  // namespace hekla
