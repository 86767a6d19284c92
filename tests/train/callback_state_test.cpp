// Trainings that are interrupted and resumed: the states of callbacks.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"
#include "train/callbacks/callbacks.h"
#include "train/files/safetensors.h"
#include "train/layers/layers.h"
#include "train/model/model.h"

using namespace hekla;
using namespace hekla::testing;

namespace {

// A model whose weight moves by the learning rate, 1/8, a step: f32 represents all numbers exactly.
Sequential walker() {
  Sequential model({[w = variable(zeros({1}), "w")](const Tensor& x) { return x * 0 + w; }});
  model.compile({.optimizer = SGD({.learning_rate = 0.125}),
                 .loss = [](const Tensor&, const Tensor& prediction) { return mean(prediction); }});
  return model;
}

Dataset one() { return {tensor({1.0}, {1, 1}), tensor({1.0}, {1, 1})}; }

const std::vector<double> losses{3, 2, 2.5, 1, 1.5, 1.2, 1.1, 0.5};

// Replaces an epoch's val_loss by given numbers.
LambdaCallback scripted() {
  return LambdaCallback({.on_epoch_end = [](Model&, int epoch, Logs& logs) {
    logs.set("val_loss", losses[static_cast<std::size_t>(epoch)]);
  }});
}

// The results of a training.
struct Outcome {
  int stopped_epoch = 0;
  int best_epoch = 0;
  std::optional<double> best = {};
  float weight = 0;
  std::map<int, double> rates = {};
  std::set<std::string> files = {};

  bool operator==(const Outcome&) const = default;
};

// Trains in parts that end after these epochs, each with a model and callbacks of its own.
Outcome train_in_parts(const std::vector<int>& ends) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "state.safetensors";
  Outcome outcome;
  for (const int end : ends) {
    Sequential model = walker();
    model.build({1});
    if (std::filesystem::exists(path)) model.load(path);
    EarlyStopping early({.patience = 3, .restore_best_weights = true});
    // The checkpoint is not the last callback, whose order must not matter.
    const History history = model.fit(
        one(), {.epochs = std::max(end, model.epochs_trained()),
                .verbose = 0,
                .callbacks = {scripted(), ModelCheckpoint(path.string()),
                              ModelCheckpoint((folder.path() / "best{epoch}").string(),
                                              {.save_best_only = true, .save_weights_only = true}),
                              ReduceLROnPlateau({.factor = 0.5, .patience = 1, .cooldown = 2}), early},
                .initial_epoch = model.epochs_trained()});
    outcome.stopped_epoch = early.stopped_epoch();
    outcome.best_epoch = early.best_epoch();
    outcome.best = early.best();
    outcome.weight = model.weights()[0].item<float>();
    for (std::size_t i = 0; i < history.epoch.size(); ++i)
      outcome.rates[history.epoch[i]] = history["learning_rate"][i];
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    outcome.files.insert(entry.path().filename());
  return outcome;
}

}  // namespace

TEST_CASE("callbacks: a training that was cut off goes on as if it never had been") {
  reference();
  const Outcome whole = train_in_parts({8});
  CHECK(
      whole ==
      Outcome{
          .stopped_epoch = 6,
          .best_epoch = 3,
          .best = 1,
          .weight = -0.4375,
          .rates = {{0, 0.125}, {1, 0.125}, {2, 0.125}, {3, 0.0625}, {4, 0.0625}, {5, 0.03125}, {6, 0.03125}},
          .files = {"best1", "best2", "best4", "state.safetensors"}});
  for (const auto& ends : std::vector<std::vector<int>>{
           {1, 8}, {2, 8}, {3, 8}, {4, 8}, {5, 8}, {6, 8}, {7, 8}, {8, 8}, {1, 2, 3, 4, 5, 6, 7, 8}}) {
    CAPTURE(ends[0]);
    CHECK(train_in_parts(ends) == whole);
  }
}

TEST_CASE("callbacks: a rate that is multiplied in each epoch is the same to the bit after a resume") {
  if (!device()) return;
  set_default_device(device());
  const auto train = [](const std::vector<int>& ends) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "state.safetensors";
    std::pair<double, double> found;
    for (const int end : ends) {
      Sequential model = walker();
      model.build({1});
      if (std::filesystem::exists(path)) model.load(path);
      model.fit(one(), {.epochs = end,
                        .verbose = 0,
                        .callbacks = {LearningRateScheduler([](int, double rate) { return rate * 0.9; })},
                        .initial_epoch = model.epochs_trained()});
      model.save(path);
      found = {model.optimizer().learning_rate().item<double>(), model.weights()[0].item<double>()};
    }
    return found;
  };
  const auto whole = train({9});
  for (const auto& ends : std::vector<std::vector<int>>{{4, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}})
    CHECK(train(ends) == whole);
  set_default_device(reference());
}

TEST_CASE("callbacks: begin anew where a training does, and where they watch another number") {
  reference();
  Sequential model = walker();
  EarlyStopping early({.patience = 2});
  const auto best_after = [&](int epochs, int initial_epoch, EarlyStopping& watching) {
    model.fit(one(), {.epochs = epochs,
                      .verbose = 0,
                      .callbacks = {scripted(), watching},
                      .initial_epoch = initial_epoch});
    return watching.best();
  };
  CHECK(best_after(4, 0, early) == 1);
  CHECK(best_after(5, 4, early) == 1);
  CHECK(best_after(3, 0, early) == 2);
  // The training is resumed elsewhere than it was interrupted, so the saved state does not apply.
  CHECK(best_after(6, 5, early) == 1.2);
  EarlyStopping other({.monitor = "loss", .patience = 2, .mode = "max"});
  CHECK(best_after(7, 6, other) < 0);
}

TEST_CASE("callbacks: a training that was stopped stays so, unless more patience is asked for") {
  reference();
  Sequential model = walker();
  const auto epochs = [&](int patience) {
    return model
        .fit(one(), {.epochs = 8,
                     .verbose = 0,
                     .callbacks = {scripted(), EarlyStopping({.patience = patience})},
                     .initial_epoch = model.epochs_trained()})
        .epoch;
  };
  CHECK(epochs(1) == std::vector{0, 1, 2});
  CHECK(epochs(1).empty());
  CHECK(epochs(2) == std::vector{3, 4, 5});
}

TEST_CASE("callbacks: what a file remembers wrongly is refused") {
  reference();
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "state.safetensors";
  Sequential model = walker();
  EarlyStopping early({.patience = 2, .restore_best_weights = true});
  model.fit(one(), {.epochs = 2, .verbose = 0, .callbacks = {scripted(), early}});
  model.save(path);
  const SafetensorsFile file = load_safetensors(path);
  CHECK(file.metadata.at("callbacks/early_stopping/val_loss/wait") == "0");
  CHECK(file.metadata.at("callbacks/early_stopping/val_loss/best") == "2");
  CHECK(file.at("callbacks/early_stopping/val_loss/0").to_vector() == std::vector<float>{-0.25});

  const auto go_on_with = [&](const std::string& key, const std::string& value) {
    auto metadata = file.metadata;
    metadata[key] = value;
    save_safetensors(path, file.tensors, metadata);
    model.load(path);
    model.fit(one(), {.epochs = 3, .verbose = 0, .callbacks = {scripted(), early}, .initial_epoch = 2});
  };
  const auto refused = [&](const std::string& key, const std::string& value) {
    return error_of([&] { go_on_with(key, value); });
  };
  CHECK(refused("callbacks/early_stopping/val_loss/best", "good") ==
        fmt::format("[load] {} has 'callbacks/early_stopping/val_loss/best' as 'good' in its metadata; a "
                    "number is wanted.",
                    path.string()));
  CHECK(refused("callbacks/early_stopping/val_loss/wait", "1.5") ==
        "[early_stopping/val_loss] wait is 1.5 in what was saved; it must be a whole number.");
  CHECK_NOTHROW(go_on_with("callbacks/other/0", "1"));
}
