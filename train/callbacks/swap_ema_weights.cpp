// See swap_ema_weights.h.
#include "train/callbacks/swap_ema_weights.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "graph/evaluator.h"
#include "train/model/model.h"

namespace hekla {

void SwapEMAWeights::on_train_begin(Model& model) {
  if (!model.optimizer().keeps_averages())
    throw Error(fmt::format("[swap_ema_weights] the optimizer {} keeps no averages; set its use_ema.",
                            model.optimizer().name()));
}

void SwapEMAWeights::on_test_begin(Model& model) { evaluate({.updates = model.optimizer().swap_averages()}); }

void SwapEMAWeights::on_test_end(Model& model, const Logs&) {
  evaluate({.updates = model.optimizer().swap_averages()});
}

}  // namespace hekla
