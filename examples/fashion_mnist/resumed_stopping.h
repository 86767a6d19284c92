// ResumedStopping: early stopping that goes on where a run was cut off.
#pragma once

#include <filesystem>
#include <vector>

#include "examples/fashion_mnist/history_file.h"
#include "train/callbacks/early_stopping.h"

namespace hekla::fashion_mnist {

class ResumedStopping : public EarlyStopping {
 public:
  /// `before` are the epochs of the run so far, and `best` the file of the weights that were best in them.
  ResumedStopping(EarlyStoppingOptions options, std::vector<EpochNumbers> before, std::filesystem::path best);

  /// Walks through the epochs before, so that it stops after the same epoch as without the break.
  void on_train_begin(Model& model) override;

 private:
  std::vector<EpochNumbers> before_;
  std::filesystem::path best_;
};

}  // namespace hekla::fashion_mnist
