// History: what fit returns.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hekla {

/// The numbers of each epoch of a training.
struct History {
  std::vector<int> epoch;                              ///< numbers of the epochs, from 0
  std::map<std::string, std::vector<double>> history;  ///< "loss", "val_accuracy", ..: one number for each

  /// Throws hekla::Error, listing the names there are, when there is no such name.
  const std::vector<double>& operator[](const std::string& name) const;
};

}  // namespace hekla
