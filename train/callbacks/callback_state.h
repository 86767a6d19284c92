// CallbackState: what a callback remembers from epoch to epoch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "train/metrics/logs.h"

namespace hekla {

/// What a callback must remember so that a training resumed in another process continues as if never
/// interrupted. Model::save writes it.
struct CallbackState {
  std::string name = {};  ///< whose it is: "early_stopping/val_loss"; empty where nothing is remembered
  Logs numbers = {};
  std::vector<Tensor> tensors = {};

  /// Stores a number, or that there is none.
  void set(std::string_view number, const std::optional<double>& value);
  /// The number of that name, or nothing if it is absent.
  std::optional<double> number(std::string_view number) const;
  /// The number of that name as an integer. Throws hekla::Error unless it is present and an integer.
  int whole(std::string_view number) const;
};

}  // namespace hekla
