// Model::fit.
#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <memory>
#include <utility>

#include "graph/error.h"
#include "train/data/pass.h"
#include "train/key_as_data.h"
#include "train/model/callback_states.h"
#include "train/model/checks.h"
#include "train/model/not_finite.h"
#include "train/model/progress_line.h"
#include "train/model/state.h"
#include "train/model/steps.h"
#include "train/model/tester.h"

namespace hekla {

namespace {

struct Parts {
  Dataset training;
  std::optional<Dataset> validation;
};

// validation_split takes the validation data from the end, as Keras does.
Parts divide(const Dataset& data, const FitOptions& options) {
  if (options.validation_split == 0) return {data, options.validation_data};
  if (!(options.validation_split > 0 && options.validation_split < 1))
    throw Error(
        fmt::format("[fit] validation_split is {}; it must lie in [0, 1).", options.validation_split));
  if (options.validation_data)
    throw Error("[fit] both validation_split and validation_data are given; choose one.");
  if (data.is_generated())
    throw Error("[fit] validation_split cannot divide what a generator makes; give validation_data.");
  const std::int64_t count = data.size();
  const auto split =
      static_cast<std::int64_t>(std::floor(static_cast<double>(count) * (1 - options.validation_split)));
  if (split < 1 || split >= count)
    throw Error(fmt::format("[fit] validation_split {} of {} examples leaves one part empty.",
                            options.validation_split, count));
  return {data.slice(0, split), data.slice(split, count)};
}

void check(const FitOptions& options) {
  if (options.initial_epoch < 0 || options.epochs < options.initial_epoch)
    throw Error(fmt::format("[fit] epochs {} and initial_epoch {}; 0 <= initial_epoch <= epochs is needed.",
                            options.epochs, options.initial_epoch));
  if (options.validation_freq < 1)
    throw Error(fmt::format("[fit] validation_freq is {}; it must be positive.", options.validation_freq));
}

// One call of fit.
class Fitting {
 public:
  Fitting(Model& model, const Parts& parts, const FitOptions& options)
      : model_(model),
        state_(state_of(model)),
        data_(parts.training),
        options_(options),
        class_weights_(class_weight_table(options.class_weight)),
        pass_(
            parts.training,
            {.batch_size = options.batch_size,
             .steps = options.steps_per_epoch,
             // A generator gives no batch twice, so a step cannot be replayed later: each is checked at once.
             .report_each_step = any(options, &Callback::watches_batches) ||
                                 (any(options, &Callback::watches_numbers) && parts.training.is_generated()),
             .check =
                 [this](const Batch& batch, std::int64_t first) {
                   check_data("fit", state_, data_, batch, first, target_use());
                 },
             .steps_name = "steps_per_epoch"},
            [this](const Batch& batch, std::int64_t size) {
              step_ = training_step(state_, data_, metrics_, class_weights_, batch, size);
              return step_.computation;
            }),
        watches_batches_(any(options, &Callback::watches_batches)),
        watches_numbers_(any(options, &Callback::watches_numbers)) {
    if (parts.validation)
      tester_.emplace(state_, *parts.validation,
                      Pass::Options{.batch_size = options.validation_batch_size.value_or(options.batch_size),
                                    .steps = options.validation_steps,
                                    .caller = "fit",
                                    .batch_size_name = "validation_batch_size",
                                    .steps_name = "validation_steps"});
    check_data("fit", state_, data_, target_use());
    pass_.before_step = [this](std::int64_t step) { begin_step(step); };
  }

  History run() {
    state_.is_stopping = false;
    try {
      for (; begun_ < options_.callbacks.size(); ++begun_) options_.callbacks[begun_]->on_train_begin(model_);
      if (options_.initial_epoch == state_.epochs) resume(model_, options_.callbacks, state_.callback_states);
      state_.callback_states = states_of(options_.callbacks);
      for (int epoch = options_.initial_epoch; epoch < options_.epochs && !state_.is_stopping; ++epoch)
        run_epoch(epoch);
    } catch (...) {
      // The hooks may save what was reached; then the error is rethrown.
      end();
      throw;
    }
    const Optimizer& optimizer = state_.options.optimizer;
    if (optimizer.keeps_averages()) hekla::evaluate({.updates = optimizer.use_averages()});
    if (const std::exception_ptr failure = end()) std::rethrow_exception(failure);
    return std::move(history_);
  }

 private:
  // Calls on_train_end of all callbacks that were begun, even if one throws; returns the first exception.
  std::exception_ptr end() {
    std::exception_ptr failure;
    for (std::size_t i = 0; i < begun_; ++i) {
      try {
        options_.callbacks[i]->on_train_end(model_);
      } catch (...) {
        if (!failure) failure = std::current_exception();
      }
    }
    return failure;
  }

  static bool any(const FitOptions& options, bool (Callback::*wants)() const) {
    bool wanted = false;
    for (const CallbackRef& callback : options.callbacks) wanted |= ((*callback).*wants)();
    return wanted;
  }

  TargetUse target_use() const {
    return class_weights_.defined() ? TargetUse::loss_and_class_weight : TargetUse::loss;
  }

  void run_epoch(int epoch) {
    ProgressLine line(fmt::format("Epoch {}/{}", epoch + 1, options_.epochs), pass_.steps(),
                      options_.verbose);
    for (const CallbackRef& callback : options_.callbacks) callback->on_epoch_begin(model_, epoch);
    restart(epoch);
    pass_.run([&](std::int64_t steps, std::int64_t, const std::vector<Tensor>&) {
      line.update(steps, [&] { return metrics_.read(); });
      if (watches_batches_) {
        const Logs logs = metrics_.read();
        for (const CallbackRef& callback : options_.callbacks)
          callback->on_train_batch_end(model_, steps - 1, logs);
      }
      if (watches_numbers_) look_at_numbers(epoch, steps);
      return !state_.is_stopping;
    });
    // An interrupted epoch does not count.
    if (is_broken_) return;
    Logs logs = metrics_.read();
    if (tester_ && (epoch + 1) % options_.validation_freq == 0)
      logs.add(validate(), "val_");
    else if (tester_)
      for (const auto& [name, value] : logs) logs.awaited.push_back("val_" + name);
    state_.epochs = epoch + 1;
    for (const CallbackRef& callback : options_.callbacks) callback->on_epoch_end(model_, epoch, logs);
    state_.callback_states = states_of(options_.callbacks);
    for (const CallbackRef& callback : options_.callbacks) callback->on_checkpoint(model_, epoch, logs);
    line.finish(logs);
    history_.epoch.push_back(epoch);
    for (const auto& [name, value] : logs) history_.history[name].push_back(value);
  }

  void begin_step(std::int64_t step) {
    if (watches_numbers_) {
      if (!before_) before_.emplace(pass_.last_step());
      before_->take();
      kept_steps_ = step;
    }
    if (watches_batches_) {
      for (const CallbackRef& callback : options_.callbacks) callback->on_train_batch_begin(model_, step);
    }
  }

  // When the loss is no longer finite, restores the last snapshot and finds the step and its cause.
  void look_at_numbers(int epoch, std::int64_t steps) {
    if (std::isfinite(metrics_.read()["loss"])) return;
    is_broken_ = true;
    const std::string cause = find_cause(steps);
    const std::string text =
        fmt::format("the loss is not finite in step {} of epoch {}: {}", kept_steps_ + 1, epoch + 1, cause);
    for (const CallbackRef& callback : options_.callbacks) callback->on_not_finite(model_, text);
  }

  // Replays the steps from the snapshot up to `steps`, among which is the bad one.
  std::string find_cause(std::int64_t steps) {
    before_->restore();
    Snapshot step_before(pass_.last_step());
    step_before.take();
    for (; kept_steps_ < steps - 1; ++kept_steps_) {
      pass_.repeat_step();
      if (!step_before.is_finite() || !std::isfinite(metrics_.read()["loss"])) break;
      step_before.take();
    }
    step_before.restore();
    pass_.last_step();  // builds step_ anew
    return first_not_finite(step_, pass_.last_feeds());
  }

  void restart(int epoch) {
    std::vector<Update> updates = metrics_.reset();
    const std::vector<Update> order = pass_.restart(
        options_.shuffle ? std::optional(key_as_data(state_.seed, static_cast<std::uint32_t>(epoch)))
                         : std::optional<RandomKey>());
    updates.insert(updates.end(), order.begin(), order.end());
    if (!updates.empty()) hekla::evaluate({.updates = updates});
  }

  Logs validate() {
    for (const CallbackRef& callback : options_.callbacks) callback->on_test_begin(model_);
    const Logs logs = tester_->run();
    for (const CallbackRef& callback : options_.callbacks) callback->on_test_end(model_, logs);
    return logs;
  }

  Model& model_;
  Model::State& state_;
  Dataset data_;
  const FitOptions& options_;
  Tensor class_weights_;
  RunningMetrics metrics_;
  Pass pass_;
  std::optional<Tester> tester_;
  History history_;
  bool watches_batches_;
  bool watches_numbers_;
  TrainingStep step_;  // the one built last
  bool is_broken_ = false;
  std::size_t begun_ = 0;  // number of callbacks whose on_train_begin was called
  std::optional<Snapshot> before_;
  std::int64_t kept_steps_ = 0;  // steps done in this epoch when the snapshot before_ was taken
};

}  // namespace

History Model::fit(const Dataset& data, const FitOptions& options) {
  check_compiled(*state_, "fit");
  check(options);
  Dataset weighted = data;
  if (options.sample_weight.defined()) {
    if (data.is_generated())
      throw Error("[fit] sample_weight is for tensors; let the generator put weights in its batches.");
    weighted = data.with_sample_weight(options.sample_weight);
  }
  const Parts parts = divide(weighted, options);
  build_for(*state_, parts.training, options.batch_size);
  return Fitting(*this, parts, options).run();
}

History Model::fit(const Tensor& inputs, const Tensor& targets, const FitOptions& options) {
  return fit(Dataset(inputs, targets), options);
}

}  // namespace hekla
