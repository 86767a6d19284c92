// Logs: the numbers of an epoch or of an evaluation by name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Numbers by name, in the order in which they were added.
class Logs {
 public:
  /// Throws hekla::Error, listing the names there are, when there is no such name.
  double operator[](std::string_view name) const;
  const double* find(std::string_view name) const;
  /// "accuracy, loss": what there is, or "nothing".
  std::string names() const;
  /// Replaces the number of that name, or adds it at the end.
  void set(std::string_view name, double value);
  /// Adds all of `others`, with `prefix` before their names.
  void add(const Logs& others, std::string_view prefix = "");

  const std::vector<std::pair<std::string, double>>& entries() const { return entries_; }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  /// Results that are not a single number, such as a confusion matrix.
  std::map<std::string, Tensor> tensors;
  /// Names of numbers that this epoch lacks and others have: those of a validation that is skipped, see
  /// FitOptions::validation_freq.
  std::vector<std::string> awaited;

 private:
  std::vector<std::pair<std::string, double>> entries_;
};

}  // namespace hekla
