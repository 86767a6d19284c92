// See resumed_stopping.h.
#include "examples/fashion_mnist/resumed_stopping.h"

#include <utility>

#include "train/model/model.h"

namespace hekla::fashion_mnist {

ResumedStopping::ResumedStopping(EarlyStoppingOptions options, std::vector<EpochNumbers> before,
                                 std::filesystem::path best)
    : EarlyStopping(std::move(options)), before_(std::move(before)), best_(std::move(best)) {}

void ResumedStopping::on_train_begin(Model& model) {
  EarlyStopping::on_train_begin(model);
  if (before_.empty()) return;
  // The last epoch that improves keeps the weights that the model has then: let these be the best.
  const std::vector<Tensor> last = model.get_weights();
  model.load_weights(best_);
  for (const EpochNumbers& numbers : before_) {
    Logs logs;
    logs.set("val_loss", numbers.val_loss);
    on_epoch_end(model, numbers.epoch, logs);
  }
  model.set_weights(last);
}

}  // namespace hekla::fashion_mnist
