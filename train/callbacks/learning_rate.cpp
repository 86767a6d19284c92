// See learning_rate.h; the order of decisions is that of keras/src/callbacks/reduce_lr_on_plateau.py.
#include "train/callbacks/learning_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/error.h"
#include "train/model/model.h"

namespace hekla {

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)),
      monitor_("reduce_lr_on_plateau", options_.monitor, options_.mode, options_.min_delta) {
  if (!(options_.factor > 0 && options_.factor < 1))
    throw Error(
        fmt::format("[reduce_lr_on_plateau] factor is {}; it must lie between 0 and 1.", options_.factor));
  if (options_.patience < 0 || options_.cooldown < 0 || !(options_.min_lr >= 0))
    throw Error(fmt::format("[reduce_lr_on_plateau] patience {}, cooldown {}, min_lr {}; none is negative.",
                            options_.patience, options_.cooldown, options_.min_lr));
}

void ReduceLROnPlateau::on_train_begin(Model&) {
  wait_ = cooling_ = 0;
  best_.reset();
}

void ReduceLROnPlateau::on_epoch_end(Model& model, int, Logs& logs) {
  const double rate = model.optimizer().learning_rate().item<double>();
  logs.set("learning_rate", rate);
  const std::optional<double> read = monitor_.read(logs);
  if (!read) return;
  const double value = *read;
  if (cooling_ > 0) {
    --cooling_;
    wait_ = 0;
  }
  if (monitor_.is_better(value, best_)) {
    best_ = value;
    wait_ = 0;
  } else if (cooling_ == 0) {
    ++wait_;
    if (wait_ >= options_.patience && rate > options_.min_lr) {
      model.optimizer().set_learning_rate(std::max(rate * options_.factor, options_.min_lr));
      cooling_ = options_.cooldown;
      wait_ = 0;
    }
  }
}

CallbackState ReduceLROnPlateau::state() const {
  CallbackState state{.name = fmt::format("reduce_lr_on_plateau/{}", monitor_.name())};
  state.set("wait", wait_);
  state.set("cooling", cooling_);
  state.set("best", best_);
  return state;
}

void ReduceLROnPlateau::on_resume(Model&, const CallbackState& state) {
  wait_ = state.whole("wait");
  cooling_ = state.whole("cooling");
  best_ = state.number("best");
}

LearningRateScheduler::LearningRateScheduler(std::function<double(int epoch, double learning_rate)> schedule)
    : schedule_(std::move(schedule)) {
  if (!schedule_) throw Error("[learning_rate_scheduler] the schedule is an empty function.");
}

void LearningRateScheduler::on_epoch_begin(Model& model, int epoch) {
  Optimizer& optimizer = model.optimizer();
  optimizer.set_learning_rate(schedule_(epoch, optimizer.learning_rate().item<double>()));
}

void LearningRateScheduler::on_epoch_end(Model& model, int, Logs& logs) {
  logs.set("learning_rate", model.optimizer().learning_rate().item<double>());
}

}  // namespace hekla
