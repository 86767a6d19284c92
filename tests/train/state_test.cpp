// Saving a model and resuming its training.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>

#include "graph/error.h"
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

Sequential make(const Optimizer& optimizer, std::uint64_t seed) {
  set_random_seed(seed);
  Sequential model({Input({3}), Dense(4, "tanh"), Dropout(0.3), Dense(1)});
  model.compile({.optimizer = optimizer, .loss = "mse"});
  return model;
}

Dataset data() {
  std::vector<float> x(30), y(10);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) - 3;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[3 * i] - 2 * x[3 * i + 1];
  return {tensor(x, {10, 3}), tensor(y, {10, 1})};
}

std::vector<std::vector<float>> values(const Model& model) {
  std::vector<std::vector<float>> all;
  for (const Tensor& t : model.get_weights()) all.push_back(t.to_vector());
  return all;
}

// Trains for four epochs, and for two and two more from a file.
void check_resuming(const std::function<Optimizer()>& fresh) {
  const test::TemporaryFolder folder;
  // Files hold f32, but the reference device computes with more digits.
  if (!device()) return;
  set_default_device(device());
  Sequential whole = make(fresh(), 5);
  const History all = whole.fit(data(), {.batch_size = 4, .epochs = 4, .verbose = 0});
  Sequential first = make(fresh(), 5);
  first.fit(data(), {.batch_size = 4, .epochs = 2, .verbose = 0});
  const auto path = folder.path() / "state.safetensors";
  first.save(path);
  Sequential second = make(fresh(), 6);
  CHECK(values(second) != values(first));
  second.load(path);
  CHECK(second.epochs_trained() == 2);
  const History rest = second.fit(
      data(), {.batch_size = 4, .epochs = 4, .verbose = 0, .initial_epoch = second.epochs_trained()});
  CHECK(values(second) == values(whole));
  CHECK(rest["loss"][1] == all["loss"][3]);
  set_default_device(reference());
}

}  // namespace

TEST_CASE("saved training: going on gives bit for bit what never stopping gives") {
  check_resuming([] {
    return SGD({.learning_rate =
                    ExponentialDecay{.initial_learning_rate = 0.05, .decay_steps = 3, .decay_rate = 0.9},
                .momentum = 0.9},
               {.gradient_accumulation_steps = 2});
  });
}

TEST_CASE("saved training: so do optimizers around others") {
  check_resuming([] {
    const OptimizerMap map(ScheduleFreeAdamW({.learning_rate = 0.01}), {{"dense/.*", Muon()}});
    return Lookahead(LossScaleOptimizer(MultiOptimizer(map), {.dynamic_growth_steps = 2}),
                     {.sync_period = 2});
  });
}

TEST_CASE("saved weights: names, and what does not fit is refused without changing anything") {
  reference();
  const test::TemporaryFolder folder;
  Sequential model = make("adam", 7);
  const auto path = folder.path() / "weights.safetensors";
  model.save_weights(path);
  const SafetensorsFile file = load_safetensors(path);
  CHECK(file.tensors.size() == 4);
  CHECK(file.at("dense/kernel").shape() == Shape{3, 4});
  Sequential same = make("sgd", 8);
  same.load_weights(path);
  CHECK(values(same) == values(model));

  set_random_seed(9);
  Sequential other({Input({3}), Dense(5), Dense(1)});
  other.compile({.loss = "mse"});
  const auto before = values(other);
  CHECK(error_of([&] { other.load_weights(path); }).find("as 'dense/kernel', but the model needs f32[3,5]") !=
        std::string::npos);
  CHECK(values(other) == before);
  CHECK(error_of([&] { same.load(path); }).find("has no whole number 'epochs' in its metadata") !=
        std::string::npos);
  // The weights can be loaded from a training state, but not the state of another optimizer.
  model.save(path);
  same.load_weights(path);
  CHECK(error_of([&] {
          same.load(path);
        }).find("was saved with optimizer adam, but the model is compiled with sgd") != std::string::npos);
}

TEST_CASE("model checkpoint: paths with numbers, only the best") {
  reference();
  const test::TemporaryFolder folder;
  Logs logs;
  logs.set("val_loss", 0.12345);
  CHECK(fill_path("a/{epoch:02d}-{val_loss:.2f}.safetensors", 3, logs) == "a/03-0.12.safetensors");
  CHECK(error_of([&] { fill_path("{loss}", 1, logs); }).find("it may name epoch, val_loss") !=
        std::string::npos);

  Sequential model = make(SGD({.learning_rate = 0.02}), 10);
  ModelCheckpoint best((folder.path() / "best.safetensors").string(),
                       {.monitor = "loss", .save_best_only = true});
  std::vector<std::string> saved;
  // Changes the logs for the callbacks after it and for the history.
  LambdaCallback change(
      {.on_epoch_end = [](Model&, int, Logs& epoch) { epoch.set("loss", epoch["loss"] + 1); }});
  LambdaCallback look({.on_checkpoint = [&](Model&, int, const Logs&) { saved.push_back(best.saved()); }});
  const History history = model.fit(data(), {.epochs = 2, .verbose = 0, .callbacks = {best, change, look}});
  CHECK(saved[0] == (folder.path() / "best.safetensors").string());
  CHECK(history["loss"][0] > 1);
  CHECK(error_of([&] {
          model.fit(data(), {.verbose = 0, .callbacks = {ModelCheckpoint("x", {.save_best_only = true})}});
        }).starts_with("[model_checkpoint] there is no 'val_loss' to watch; the epoch has loss."));
}
