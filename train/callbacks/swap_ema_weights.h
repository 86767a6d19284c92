// SwapEMAWeights.
#pragma once

#include "train/callbacks/callback.h"

namespace hekla {

/// Validates with the moving averages that an optimizer with use_ema keeps: they are swapped with the weights
/// before the validation and after it. (keras.callbacks.SwapEMAWeights without swap_on_epoch; at the end of a
/// training, the weights are the averages in any case.)
class SwapEMAWeights : public Callback {
 public:
  /// Throws hekla::Error when the optimizer keeps no averages.
  void on_train_begin(Model& model) override;
  void on_test_begin(Model& model) override;
  void on_test_end(Model& model, const Logs& logs) override;
  void on_train_end(Model& model) override;

 private:
  void swap(Model& model, bool to_averages);

  bool is_swapped_ = false;
};

}  // namespace hekla
