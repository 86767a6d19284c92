// Interrupted trainings: epochs without validation, kills, and callbacks or data that throw.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/file_content.h"
#include "tests/train/temporary_folder.h"
#include "train/callbacks/callbacks.h"
#include "train/files/atomic_file.h"
#include "train/layers/layers.h"
#include "train/metrics/metrics.h"
#include "train/model/model.h"

namespace hekla::testing {

namespace {

// A model whose weight moves by the learning rate, 1/8, a step.
Sequential walker(const std::vector<Metric>& metrics = {}, const UpdateOptions& shared = {}) {
  Sequential model({[w = variable(zeros({1}), "w")](const Tensor& x) { return x * 0 + w; }});
  model.compile({.optimizer = SGD({.learning_rate = 0.125}, shared),
                 .loss = [](const Tensor&, const Tensor& prediction) { return mean(prediction); },
                 .metrics = metrics});
  return model;
}

Dataset one() { return {tensor({1.0}, {1, 1}), tensor({1.0}, {1, 1})}; }

float weight(const Model& model) { return model.weights()[0].item<float>(); }

}  // namespace

TEST_SUITE("interrupted trainings") {
  TEST_CASE("callbacks: wait for the next validation where not each epoch has one") {
    reference();
    const test::TemporaryFolder folder;
    const std::vector<double> losses{0, 3, 0, 2, 0, 2.5, 0, 2.25, 0, 1};
    LambdaCallback scripted({.on_epoch_end = [&](Model&, int epoch, Logs& logs) {
      if (logs.find("val_loss")) logs.set("val_loss", losses[static_cast<std::size_t>(epoch)]);
    }});
    EarlyStopping early({.patience = 2});
    Sequential model = walker();
    const History history = model.fit(
        one(),
        {.epochs = 10,
         .verbose = 0,
         .callbacks = {scripted, CSVLogger(folder.path() / "log.csv"),
                       ReduceLROnPlateau({.factor = 0.5, .patience = 1}),
                       ModelCheckpoint((folder.path() / "best{epoch}").string(),
                                       {.save_best_only = true, .save_weights_only = true}),
                       ModelCheckpoint((folder.path() / "each{epoch}-{val_loss:.2f}").string()), early},
         .validation_data = one(),
         .validation_freq = 2});
    CHECK(early.stopped_epoch() == 7);
    CHECK(early.best_epoch() == 3);
    CHECK(history["val_loss"] == std::vector<double>{3, 2, 2.5, 2.25});
    // Lowered after the epochs 5 and 7.
    CHECK(history["learning_rate"] ==
          std::vector<double>{0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625});
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      files.insert(entry.path().filename());
    CHECK(files == std::set<std::string>{"best2", "best4", "each2-3.00", "each4-2.00", "each6-2.50",
                                         "each8-2.25", "log.csv"});
    CHECK(test::content(folder.path() / "log.csv")
              .starts_with("epoch,loss,val_loss\n0,0,NA\n1,-0.125,3\n2,-0.25,NA\n"));
    EarlyStopping misspelt({.monitor = "val_los"});
    CHECK(error_of([&] {
            walker().fit(
                one(),
                {.verbose = 0, .callbacks = {misspelt}, .validation_data = one(), .validation_freq = 2});
          }).starts_with("[early_stopping] there is no 'val_los' to watch"));
  }

  TEST_CASE(
      "csv logger: whatever byte a kill left, the file becomes that of a training that was not killed") {
    reference();
    const test::TemporaryFolder folder;
    constexpr int epochs = 3;
    const Metric odd = mean_metric("mean, \"of all\"\nnumbers",
                                   [](const Tensor&, const Tensor& predictions) { return predictions; });
    const auto path = folder.path() / "log.csv";
    const auto checkpoint = [&](int epoch) { return folder.path() / fmt::format("state{}", epoch); };
    const auto train_from = [&](int begin, const std::string& before) {
      write_file(path, before);
      Sequential model = walker({odd});
      model.build({1});
      if (begin > 0) model.load(checkpoint(begin));
      model.fit(one(), {.epochs = epochs,
                        .verbose = 0,
                        .callbacks = {CSVLogger(path, ',', true),
                                      LearningRateScheduler([](int, double rate) { return rate * 0.5; }),
                                      ModelCheckpoint(checkpoint(0).string() + "{epoch}")},
                        .initial_epoch = begin});
      return test::content(path);
    };
    const std::string whole = train_from(0, "");
    CHECK(whole.starts_with("epoch,loss,\"mean, \"\"of all\"\"\nnumbers\"\n0,0,0\n1,"));
    for (int epoch = 1; epoch < epochs; ++epoch)
      std::filesystem::rename(checkpoint(0).string() + std::to_string(epoch), checkpoint(epoch));
    // A state is saved after the file's lines of the epochs before it.
    std::size_t end = 0;
    for (int begin = 0; begin < epochs; ++begin) {
      if (begin > 0) end = whole.find(fmt::format("\n{},", begin)) + 1;
      for (std::size_t bytes = end; bytes <= whole.size(); ++bytes) {
        CAPTURE(begin);
        CAPTURE(bytes);
        REQUIRE(train_from(begin, whole.substr(0, bytes)) == whole);
      }
    }
  }

  TEST_CASE("csv logger: a training that gives other numbers is appended, and its continuation to that") {
    reference();
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "log.csv";
    write_file(path, "epoch;loss\r\n0;5\n1;4\n");
    Sequential model = walker();
    model.fit(one(), {.epochs = 2, .verbose = 0, .callbacks = {CSVLogger(path, ';', true)}});
    model.fit(one(),
              {.epochs = 2, .verbose = 0, .callbacks = {CSVLogger(path, ';', true)}, .initial_epoch = 1});
    CHECK(test::content(path) == "epoch;loss\r\n0;5\n1;4\n0;0\n1;-0.25\n");
  }

  TEST_CASE("callbacks: one that throws leaves a model that can be used and trained on") {
    reference();
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "log.csv";
    std::string ends;
    LambdaCallback first({.on_train_end = [&](Model&) {
      ends += "first ";
      throw std::runtime_error("at the end");
    }});
    LambdaCallback second({.on_train_end = [&](Model&) { ends += "second "; }});
    const auto throwing = [&](const LambdaHooks& hooks) {
      Sequential model = walker();
      LambdaCallback thrower(hooks);
      CHECK_THROWS_WITH_AS(
          model.fit(one(),
                    {.epochs = 3, .verbose = 0, .callbacks = {first, thrower, second, CSVLogger(path)}}),
          "now", std::runtime_error);
      const float reached = weight(model);
      CHECK(model.evaluate(one(), {.verbose = 0})["loss"] == reached);
      model.fit(one(), {.epochs = 2, .verbose = 0, .callbacks = {CSVLogger(path)}});
      CHECK(weight(model) == reached - 0.25f);
    };
    const auto fail = [] { throw std::runtime_error("now"); };
    throwing({.on_epoch_begin = [&](Model&, int epoch) {
      if (epoch == 1) fail();
    }});
    throwing({.on_epoch_end = [&](Model&, int epoch, Logs&) {
      if (epoch == 1) fail();
    }});
    throwing({.on_checkpoint = [&](Model&, int, const Logs&) { fail(); }});
    throwing({.on_train_batch_end = [&](Model&, std::int64_t, const Logs&) { fail(); }});
    CHECK(ends == "first second first second first second first second ");
    // Callbacks whose on_train_begin was not called get no on_train_end.
    ends.clear();
    throwing({.on_train_begin = [&](Model&) { fail(); }});
    CHECK(ends == "first ");
    CHECK_THROWS_WITH_AS(walker().fit(one(), {.verbose = 0, .callbacks = {first, second}}), "at the end",
                         std::runtime_error);
    CHECK(ends == "first first second ");
  }

  TEST_CASE("swap EMA weights: a validation that throws leaves the training's weights") {
    reference();
    Sequential model = walker({}, {.use_ema = true, .ema_momentum = 0.5});
    int passes = 0;
    const Dataset failing = Dataset::from_generator([&] {
      return [pass = passes++, i = 0]() mutable -> std::optional<Batch> {
        if (pass == 1) throw std::runtime_error("unreadable");
        return i++ == 0 ? std::optional(Batch{{tensor({1.0}, {1, 1})}, {tensor({1.0}, {1, 1})}, {}})
                        : std::nullopt;
      };
    });
    CHECK_THROWS_WITH_AS(
        model.fit(one(),
                  {.epochs = 3, .verbose = 0, .callbacks = {SwapEMAWeights()}, .validation_data = failing}),
        "unreadable", std::runtime_error);
    CHECK(weight(model) == -0.25f);
  }
}

}  // namespace hekla::testing
