// See swap_ema_weights.h.
#include "train/callbacks/swap_ema_weights.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "graph/run/evaluator.h"
#include "train/model/model.h"

namespace hekla {

void SwapEMAWeights::on_train_begin(Model& model) {
  is_swapped_ = false;
  if (!model.optimizer().keeps_averages())
    throw Error(fmt::format("[swap_ema_weights] the optimizer {} keeps no averages; set its use_ema.",
                            model.optimizer().name()));
}

void SwapEMAWeights::swap(Model& model, bool to_averages) {
  if (is_swapped_ == to_averages) return;
  evaluate({.updates = model.optimizer().swap_averages()});
  is_swapped_ = to_averages;
}

void SwapEMAWeights::on_test_begin(Model& model) { swap(model, true); }
void SwapEMAWeights::on_test_end(Model& model, const Logs&) { swap(model, false); }
// Needed where a validation ended with an error.
void SwapEMAWeights::on_train_end(Model& model) { swap(model, false); }

}  // namespace hekla
