// Monitor: the number that a callback watches, and whether it has become better.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "train/metrics/logs.h"

namespace hekla {

/// A number to watch by its name.
class Monitor {
 public:
  /// `mode` is "min", "max" or "auto". With "auto", larger is better for names that say so (accuracy,
  /// precision, recall, auc, f1_score), and smaller for all others. `owner` opens the error texts. Throws
  /// hekla::Error for another mode and for a min_delta that is NaN.
  Monitor(std::string_view owner, std::string name, std::string_view mode, double min_delta = 0);

  /// The number in the logs; nothing where they await it. Throws hekla::Error, listing the names there are,
  /// when it is not among them.
  std::optional<double> read(const Logs& logs) const;
  /// True when `value` is better than `best` by more than min_delta. Any number is better than no `best`. NaN
  /// is never better.
  bool is_better(double value, const std::optional<double>& best) const;

  const std::string& name() const { return name_; }

 private:
  std::string owner_;
  std::string name_;
  bool larger_is_better_;
  double min_delta_;
};

/// Throws hekla::Error `[owner] ...`, naming `what`, where a number to compare with is NaN.
void check_is_number(std::string_view owner, std::string_view what, const std::optional<double>& number);

}  // namespace hekla
