// See early_stopping.h; the order of its decisions is that of keras/src/callbacks/early_stopping.py.
#include "train/callbacks/early_stopping.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "train/model/model.h"

namespace hekla {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)),
      monitor_("early_stopping", options_.monitor, options_.mode, options_.min_delta) {
  if (options_.patience < 0 || options_.start_from_epoch < 0)
    throw Error(fmt::format("[early_stopping] patience is {} and start_from_epoch {}; neither is negative.",
                            options_.patience, options_.start_from_epoch));
  check_is_number("early_stopping", "baseline", options_.baseline);
}

void EarlyStopping::on_train_begin(Model&) {
  wait_ = stopped_epoch_ = best_epoch_ = 0;
  best_.reset();
  best_weights_.clear();
}

void EarlyStopping::on_epoch_end(Model& model, int epoch, Logs& logs) {
  const std::optional<double> read = monitor_.read(logs);
  if (!read || epoch < options_.start_from_epoch) return;
  const double value = *read;
  // A fallback, should no epoch ever improve.
  if (options_.restore_best_weights && best_weights_.empty()) best_weights_ = model.get_weights();
  ++wait_;
  if (monitor_.is_better(value, best_)) {
    best_ = value;
    best_epoch_ = epoch;
    if (options_.restore_best_weights) best_weights_ = model.get_weights();
    if (!options_.baseline || monitor_.is_better(value, options_.baseline)) wait_ = 0;
    return;
  }
  if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    model.stop_training();
  }
}

void EarlyStopping::on_train_end(Model& model) {
  if (!best_weights_.empty()) model.set_weights(best_weights_);
}

CallbackState EarlyStopping::state() const {
  CallbackState state{.name = fmt::format("early_stopping/{}", monitor_.name()), .tensors = best_weights_};
  state.set("wait", wait_);
  state.set("stopped_epoch", stopped_epoch_);
  state.set("best_epoch", best_epoch_);
  state.set("best", best_);
  return state;
}

void EarlyStopping::on_resume(Model& model, const CallbackState& state) {
  wait_ = state.whole("wait");
  best_epoch_ = state.whole("best_epoch");
  best_ = state.number("best");
  if (options_.restore_best_weights) best_weights_ = state.tensors;
  if (state.whole("stopped_epoch") > 0 && wait_ >= options_.patience) {
    stopped_epoch_ = state.whole("stopped_epoch");
    model.stop_training();
  }
}

}  // namespace hekla
