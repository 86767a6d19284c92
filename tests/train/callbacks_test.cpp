// Callbacks.
#include "train/callbacks/callbacks.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/file_content.h"
#include "tests/train/temporary_folder.h"
#include "train/files/atomic_file.h"
#include "train/layers/layers.h"
#include "train/model/model.h"

using namespace hekla;
using namespace hekla::testing;

namespace {

// A model whose weight moves by -0.1 a step, whatever the data: its loss is that weight.
Sequential walker() {
  Sequential model({[w = variable(zeros({1}), "w")](const Tensor& x) { return x * 0 + w; }});
  model.compile({.optimizer = SGD({.learning_rate = 0.1}),
                 .loss = [](const Tensor&, const Tensor& prediction) { return mean(prediction); }});
  return model;
}

Dataset one() { return {tensor({1.0}, {1, 1}), tensor({1.0}, {1, 1})}; }

// Replaces an epoch's val_loss by given numbers.
LambdaCallback scripted(const std::vector<double>& losses) {
  return LambdaCallback({.on_epoch_end = [losses](Model&, int epoch, Logs& logs) {
    logs.set("val_loss", losses[static_cast<std::size_t>(epoch)]);
  }});
}

double weight(Model& model) { return model.weights()[0].item<double>(); }

}  // namespace

TEST_CASE("early stopping: ends after patience epochs without improvement and brings the best weights back") {
  reference();
  const std::vector<double> losses{3, 2, 2.5, 1, 1.5, 1.2, 1.1, 0.5};
  Sequential model = walker();
  EarlyStopping early({.patience = 2, .restore_best_weights = true});
  const History history =
      model.fit(one(), {.epochs = 8, .verbose = 0, .callbacks = {scripted(losses), early}});
  CHECK(history.epoch.size() == 6);
  CHECK(early.stopped_epoch() == 5);
  CHECK(early.best_epoch() == 3);
  CHECK(*early.best() == 1);
  CHECK(weight(model) == doctest::Approx(-0.4));
}

TEST_CASE("early stopping: the best weights come back when the epochs run out, and when an error ends it") {
  reference();
  Sequential model = walker();
  EarlyStopping early({.patience = 9, .restore_best_weights = true});
  model.fit(one(), {.epochs = 3, .verbose = 0, .callbacks = {scripted({2, 1, 3}), early}});
  CHECK(early.stopped_epoch() == 0);
  CHECK(weight(model) == doctest::Approx(-0.2));

  Sequential failing = walker();
  LambdaCallback fail({.on_epoch_end = [](Model&, int epoch, Logs&) {
    if (epoch == 2) throw std::runtime_error("enough");
  }});
  CHECK_THROWS_WITH(
      failing.fit(one(), {.epochs = 5, .verbose = 0, .callbacks = {scripted({1, 2, 3, 4, 5}), early, fail}}),
      "enough");
  CHECK(weight(failing) == doctest::Approx(-0.1));
}

TEST_CASE("early stopping: min_delta, baseline, start_from_epoch, names that grow") {
  reference();
  const auto epochs = [](EarlyStoppingOptions options, const std::vector<double>& losses) {
    Sequential model = walker();
    EarlyStopping early(std::move(options));
    const History history = model.fit(
        one(),
        {.epochs = static_cast<int>(losses.size()), .verbose = 0, .callbacks = {scripted(losses), early}});
    return history.epoch.size();
  };
  CHECK(epochs({.min_delta = 0.5, .patience = 1}, {3, 2.8, 2.7, 1}) == 2);
  CHECK(epochs({.patience = 1}, {3, 2.8, 2.7, 1}) == 4);
  // An improvement that does not beat the baseline does not reset the patience.
  CHECK(epochs({.patience = 2, .baseline = 1}, {3, 2, 2.5, 0.5}) == 3);
  CHECK(epochs({.patience = 2}, {3, 2, 2.5, 0.5}) == 4);
  CHECK(epochs({.patience = 1, .start_from_epoch = 2}, {1, 2, 3, 2.5, 4, 5}) == 5);
  CHECK(epochs({.patience = 1, .mode = "max"}, {1, 2, 3, 2, 4}) == 4);
  CHECK(error_of([] { EarlyStopping early({.mode = "best"}); }) ==
        "[early_stopping] mode 'best' is unknown; choose one of auto, min, max.");
  CHECK(error_of([] { EarlyStopping early({.baseline = std::nan("")}); }) ==
        "[early_stopping] baseline is NaN; nothing compares with that.");
  CHECK(error_of([] { EarlyStopping early({.min_delta = std::nan("")}); }) ==
        "[early_stopping] min_delta is NaN; nothing compares with that.");
  CHECK(epochs({.patience = 2}, {3, std::nan(""), std::nan(""), 0.5}) == 3);
  CHECK(epochs({.patience = 2}, {std::nan(""), 3, std::nan(""), 2}) == 4);
  CHECK(
      error_of([] { EarlyStopping early({.patience = -1}); }).starts_with("[early_stopping] patience is -1"));
  CHECK(error_of([&] {
          walker().fit(one(), {.verbose = 0, .callbacks = {EarlyStopping()}});
        }).starts_with("[early_stopping] there is no 'val_loss' to watch; the epoch has loss."));
}

TEST_CASE("monitor: the larger accuracy is better, the smaller loss") {
  CHECK(Monitor("test", "val_accuracy", "auto").is_better(0.9, 0.8));
  CHECK(Monitor("test", "auc", "auto").is_better(0.9, 0.8));
  CHECK(Monitor("test", "val_loss", "auto").is_better(0.8, 0.9));
  CHECK_FALSE(Monitor("test", "val_loss", "auto").is_better(std::nan(""), {}));
  CHECK_FALSE(Monitor("test", "val_loss", "auto").is_better(std::nan(""), 1));
  CHECK_FALSE(Monitor("test", "auc", "auto").is_better(std::nan(""), 1));
  CHECK(error_of([] { ModelCheckpoint best("best", {.initial_value_threshold = std::nan("")}); }) ==
        "[model_checkpoint] initial_value_threshold is NaN; nothing compares with that.");
}

TEST_CASE("reduce the learning rate on a plateau, by Keras's count") {
  reference();
  Sequential model = walker();
  const History history = model.fit(
      one(),
      {.epochs = 7,
       .verbose = 0,
       .callbacks = {scripted({1, 1, 1, 1, 1, 1, 0.5}),
                     ReduceLROnPlateau({.factor = 0.5, .patience = 2, .cooldown = 1, .min_lr = 0.02})}});
  const std::vector<double> expected{0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025};
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK_MESSAGE(history["learning_rate"][i] == doctest::Approx(expected[i]), i);
  CHECK(error_of([] { ReduceLROnPlateau reduce({.factor = 1}); }) ==
        "[reduce_lr_on_plateau] factor is 1; it must lie between 0 and 1.");
}

TEST_CASE("a function of the epoch decides the learning rate") {
  reference();
  Sequential model = walker();
  model.fit(one(),
            {.epochs = 3, .verbose = 0, .callbacks = {LearningRateScheduler([](int epoch, double rate) {
                                          return epoch == 0 ? 1.0 : rate / 2;
                                        })}});
  CHECK(weight(model) == doctest::Approx(-1 - 0.5 - 0.25));
}

TEST_CASE("swap EMA weights: the validation sees the averages, the training its own") {
  reference();
  const auto validated = [](const std::vector<CallbackRef>& callbacks, const UpdateOptions& shared) {
    Sequential model({[w = variable(zeros({1}), "w")](const Tensor& x) { return x * 0 + w; }});
    model.compile({.optimizer = SGD({.learning_rate = 1}, shared),
                   .loss = [](const Tensor&, const Tensor& prediction) { return mean(prediction); }});
    const History history =
        model.fit(one(), {.epochs = 3, .verbose = 0, .callbacks = callbacks, .validation_data = one()});
    CHECK(history["loss"] == std::vector<double>{0, -1, -2});
    CHECK(weight(model) == -2.25);
    return history["val_loss"];
  };
  const UpdateOptions averaged{.use_ema = true, .ema_momentum = 0.5};
  CHECK(validated({}, averaged) == std::vector<double>{-1, -2, -3});
  CHECK(validated({SwapEMAWeights()}, averaged) == std::vector<double>{-1, -1.5, -2.25});
  CHECK(error_of([&] { validated({SwapEMAWeights()}, {}); }) ==
        "[swap_ema_weights] the optimizer sgd keeps no averages; set its use_ema.");
}

TEST_CASE("csv logger: a line for each epoch; appending keeps the columns") {
  reference();
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "history.csv";
  Sequential model = walker();
  model.fit(one(), {.epochs = 1, .verbose = 0, .callbacks = {scripted({2}), CSVLogger(path)}});
  model.fit(one(),
            {.epochs = 2, .verbose = 0, .callbacks = {CSVLogger(path, ',', true)}, .initial_epoch = 1});
  CHECK(test::content(path) == "epoch,loss,val_loss\n0,0,2\n1,-0.1,NA\n");
  CHECK(error_of([&] {
          model.fit(one(), {.verbose = 0, .callbacks = {CSVLogger(folder.path() / "none" / "a.csv")}});
        }).find("cannot be opened for writing") != std::string::npos);
}

TEST_CASE("csv logger: a line that a kill left half-written is cut off before others are appended") {
  reference();
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "history.csv";
  const auto appended_to = [&](const std::string& before) {
    write_file(path, before);
    walker().fit(one(),
                 {.epochs = 2, .verbose = 0, .callbacks = {CSVLogger(path, ',', true)}, .initial_epoch = 1});
    return test::content(path);
  };
  CHECK(appended_to("epoch,loss\n0,2\n1,0.") == "epoch,loss\n0,2\n1,0\n");
  CHECK(appended_to("epoch,loss\n0,2\n1,0.5") == "epoch,loss\n0,2\n1,0\n");
  CHECK(appended_to("epoch,loss\n0,2\n") == "epoch,loss\n0,2\n1,0\n");
  CHECK(appended_to("epoch,lo") == "epoch,loss\n1,0\n");
  CHECK(appended_to("") == "epoch,loss\n1,0\n");
}

TEST_CASE("hooks are called in Keras's order, batches one by one when they are watched") {
  reference();
  std::string calls;
  const auto add = [&](const char* text) { calls += std::string(text) + " "; };
  LambdaCallback spy({.on_train_begin = [&](Model&) { add("train("); },
                      .on_train_end = [&](Model&) { add(")train"); },
                      .on_epoch_begin = [&](Model&, int) { add("epoch("); },
                      .on_epoch_end = [&](Model&, int, Logs&) { add(")epoch"); },
                      .on_checkpoint = [&](Model&, int, const Logs&) { add("checkpoint"); },
                      .on_train_batch_begin = [&](Model&, std::int64_t) { add("batch("); },
                      .on_train_batch_end = [&](Model&, std::int64_t, const Logs&) { add(")batch"); },
                      .on_test_begin = [&](Model&) { add("test("); },
                      .on_test_end = [&](Model&, const Logs&) { add(")test"); }});
  Sequential model = walker();
  const Dataset two(tensor({1.0, 2}, {2, 1}), tensor({1.0, 2}, {2, 1}));
  model.fit(two, {.batch_size = 1, .verbose = 0, .callbacks = {spy}, .validation_data = two});
  CHECK(calls == "train( epoch( batch( )batch batch( )batch test( )test )epoch checkpoint )train ");
}

TEST_CASE("terminate on NaN: names the operation, the layer and the step, and goes back to before it") {
  const auto check = [](const Dataset& data) {
    // The weight falls by 1 a step: 2, 1, 0 and then -1, whose logarithm is NaN.
    Sequential model(
        {[w = variable(tensor({2.5}), "w")](const Tensor& x) { return x * 0 + w; },
         Activation([](const Tensor& x) { return log(x + 1e-30) * 1.0; }, {.name = "logarithm"})});
    const auto loss = [](const Tensor&, const Tensor& y) {
      // The weight exp(y) cancels the derivative of the logarithm, so that w moves by equal steps.
      return mean(exp(stop_gradient(y)) * y);
    };
    model.compile({.optimizer = SGD({.learning_rate = 1}), .loss = loss});
    TerminateOnNaN terminate;
    const History history =
        model.fit(data, {.batch_size = 1, .epochs = 9, .verbose = 0, .callbacks = {terminate}});
    CHECK_MESSAGE(terminate.cause().starts_with("the loss is not finite in step 4 of epoch 1: the first NaN "
                                                "comes from log("),
                  terminate.cause());
    CHECK_MESSAGE(terminate.cause().ends_with("in layer 'logarithm'"), terminate.cause());
    CHECK(history.epoch.empty());
    CHECK(model.epochs_trained() == 0);
    CHECK(weight(model) == doctest::Approx(-0.5));
  };
  if (!device()) return;
  set_default_device(device());
  const Tensor rows = tensor(std::vector<float>(40, 1), {40, 1});
  check({rows, rows});
  check(Dataset::from_generator([] {
    return [i = 0]() mutable -> std::optional<Batch> {
      if (i++ == 40) return std::nullopt;
      return Batch{.inputs = {tensor({1.0}, {1, 1})}, .targets = {tensor({1.0}, {1, 1})}};
    };
  }));
  set_default_device(reference());
}

TEST_CASE("terminate on NaN: already in the first step, and what was infinite before it") {
  reference();
  Sequential model({[w = variable(zeros({1}), "w")](const Tensor& x) { return x * 0 + w; }});
  const auto loss = [](const Tensor&, const Tensor& y) { return mean(log(y) * y); };
  model.compile({.optimizer = "sgd", .loss = loss});
  TerminateOnNaN terminate;
  model.fit(one(), {.epochs = 3, .verbose = 0, .callbacks = {terminate}});
  CHECK_MESSAGE(
      terminate.cause().starts_with("the loss is not finite in step 1 of epoch 1: the first NaN comes "
                                    "from multiply("),
      terminate.cause());
  CHECK_MESSAGE(terminate.cause().find("before it, the first infinity comes from log(") != std::string::npos,
                terminate.cause());
  CHECK(weight(model) == 0);
}

TEST_CASE("tensorboard: a file of curves for the training and one for the validation") {
  reference();
  const test::TemporaryFolder folder;
  Sequential model = walker();
  model.fit(
      one(),
      {.epochs = 2, .verbose = 0, .callbacks = {scripted({2, 1}), TensorBoard(folder.path() / "logs")}});
  for (const auto& [part, tag] : {std::pair{"train", "epoch_loss"}, {"validation", "epoch_loss"}}) {
    const auto begin = std::filesystem::directory_iterator(folder.path() / "logs" / part);
    REQUIRE(begin != std::filesystem::directory_iterator());
    CHECK(test::content(begin->path()).find(tag) != std::string::npos);
  }
}
