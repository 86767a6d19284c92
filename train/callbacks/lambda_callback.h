// LambdaCallback.
#pragma once

#include <functional>
#include <utility>

#include "train/callbacks/callback.h"

namespace hekla {

/// Functions for the hooks of a callback; those left out do nothing.
struct LambdaHooks {
  std::function<void(Model&)> on_train_begin = nullptr;
  std::function<void(Model&)> on_train_end = nullptr;
  std::function<void(Model&, int epoch)> on_epoch_begin = nullptr;
  std::function<void(Model&, int epoch, Logs& logs)> on_epoch_end = nullptr;
  std::function<void(Model&, int epoch, const Logs& logs)> on_checkpoint = nullptr;
  std::function<void(Model&, std::int64_t batch)> on_train_batch_begin = nullptr;
  std::function<void(Model&, std::int64_t batch, const Logs& logs)> on_train_batch_end = nullptr;
  std::function<void(Model&)> on_test_begin = nullptr;
  std::function<void(Model&, const Logs& logs)> on_test_end = nullptr;
};

/// A callback made of lambdas. (keras.callbacks.LambdaCallback.)
///   hk::LambdaCallback({.on_epoch_end = [](hk::Model&, int epoch, hk::Logs& logs) { .. }})
class LambdaCallback : public Callback {
 public:
  explicit LambdaCallback(LambdaHooks hooks) : hooks_(std::move(hooks)) {}

  void on_train_begin(Model& model) override { call(hooks_.on_train_begin, model); }
  void on_train_end(Model& model) override { call(hooks_.on_train_end, model); }
  void on_epoch_begin(Model& model, int epoch) override { call(hooks_.on_epoch_begin, model, epoch); }
  void on_epoch_end(Model& model, int epoch, Logs& logs) override {
    call(hooks_.on_epoch_end, model, epoch, logs);
  }
  void on_checkpoint(Model& model, int epoch, const Logs& logs) override {
    call(hooks_.on_checkpoint, model, epoch, logs);
  }
  void on_train_batch_begin(Model& model, std::int64_t batch) override {
    call(hooks_.on_train_batch_begin, model, batch);
  }
  void on_train_batch_end(Model& model, std::int64_t batch, const Logs& logs) override {
    call(hooks_.on_train_batch_end, model, batch, logs);
  }
  void on_test_begin(Model& model) override { call(hooks_.on_test_begin, model); }
  void on_test_end(Model& model, const Logs& logs) override { call(hooks_.on_test_end, model, logs); }
  bool watches_batches() const override { return hooks_.on_train_batch_begin || hooks_.on_train_batch_end; }

 private:
  template <class Hook, class... Arguments>
  static void call(const Hook& hook, Arguments&&... arguments) {
    if (hook) hook(std::forward<Arguments>(arguments)...);
  }

  LambdaHooks hooks_;
};

}  // namespace hekla
