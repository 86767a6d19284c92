// See run.h.
#include "examples/fashion_mnist/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/fashion_mnist/interrupt.h"
#include "examples/fashion_mnist/optimizer_choice.h"
#include "hekla.h"
#include "train/grouped.h"

namespace hekla::fashion_mnist {

namespace {

// Ends the training with an error before anything of the epoch is written: the files keep the last good one.
class RefuseNaN : public Callback {
 public:
  explicit RefuseNaN(double learning_rate) : learning_rate_(learning_rate) {}
  bool watches_numbers() const override { return true; }
  void on_not_finite(Model&, const std::string& cause) override { fail(cause); }
  void on_epoch_end(Model&, int epoch, Logs& logs) override {
    if (!std::isfinite(logs["val_loss"]))
      fail(fmt::format("the validation loss is {} after epoch {}", logs["val_loss"], epoch + 1));
  }

 private:
  [[noreturn]] void fail(const std::string& cause) const {
    throw Error(
        fmt::format("[train] {}; a learning rate below {} may keep it finite.", cause, learning_rate_));
  }

  double learning_rate_;
};

LambdaCallback stop_when_interrupted() {
  return LambdaCallback({.on_epoch_end = [](Model& model, int, Logs&) {
    if (interrupted()) model.stop_training();
  }});
}

// The epochs that a run has behind it; loads their state.
std::vector<EpochNumbers> resume(Model& model, const Settings& settings, const RunFolder& folder,
                                 int epochs) {
  check_settings(folder.settings(), settings);
  if (!std::filesystem::exists(folder.state())) return {};  // cut off in its first epoch
  model.load(folder.state());
  const int trained = model.epochs_trained();
  if (trained > epochs)
    throw Error(fmt::format("[resume] --epochs {}: the run in {} has {} already; ask for at least as many.",
                            epochs, folder.path.string(), trained));
  keep_epochs(folder.history(), trained);
  return read_history(folder.history());
}

std::vector<CallbackRef> callbacks_for(const Recipe& recipe, const Settings& settings,
                                       const RunFolder& folder, bool goes_on) {
  // The state comes last: whoever goes on from it has the rest too.
  std::vector<CallbackRef> callbacks{
      RefuseNaN(settings.learning_rate), CSVLogger(folder.history(), ',', goes_on),
      ModelCheckpoint(folder.weights().string(),
                      {.save_best_only = recipe.keeps_best(), .save_weights_only = true}),
      ModelCheckpoint(folder.state().string())};
  if (recipe.keeps_best())
    callbacks.push_back(EarlyStopping({.patience = recipe.patience, .restore_best_weights = true}));
  callbacks.push_back(stop_when_interrupted());
  return callbacks;
}

Predictions predict(Model& model, const Dataset& images, const data::LabeledImages& files) {
  const std::vector<float> probabilities = model.predict(images, {.batch_size = 250}).to_vector();
  std::vector<std::uint8_t> labels(files.labels.begin(), files.labels.begin() + images.size());
  return Predictions(probabilities, std::move(labels), static_cast<int>(data::fashion_mnist_classes.size()));
}

}  // namespace

Run train(const Recipe& recipe, const Options& options, const Data& data, const RunFolder& folder) {
  const Settings settings = settings_for(recipe, options);
  const int epochs = options.epochs.value_or(recipe.epochs);
  const Reshape as_the_network_takes_it(recipe.image);

  set_random_seed(settings.seed);
  Sequential model = recipe.network();
  model.build(Shape(recipe.image));
  const std::string summary = model.summary();
  const std::string parts = fmt::format("{} images train, {} validate, {} test", grouped(data.train.size()),
                                        grouped(data.validation.size()), grouped(data.test.size()));
  fmt::print("device      {}\ndata        {}\n", default_device()->name(), parts);
  fmt::print("optimizer   {}, learning rate {}, batches of {}, seed {}\n\n{}\n", settings.optimizer,
             settings.learning_rate, settings.batch_size, settings.seed, summary);
  model.compile({.optimizer = make_optimizer(settings.optimizer, options.learning_rate),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {accuracy}});

  std::vector<EpochNumbers> before;
  if (options.resume) {
    before = resume(model, settings, folder, epochs);
    fmt::print("goes on after epoch {} of the run in {}\n", before.size(), folder.path.string());
  } else {
    clear_folder(folder);
    save_settings(folder.settings(), settings);
  }
  std::fflush(stdout);

  const auto start = std::chrono::steady_clock::now();
  model.fit(data.train.map(as_the_network_takes_it),
            {.batch_size = settings.batch_size,
             .epochs = epochs,
             .callbacks = callbacks_for(recipe, settings, folder, !before.empty()),
             .validation_data = data.validation.map(as_the_network_takes_it),
             .initial_epoch = model.epochs_trained()});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  std::vector<EpochNumbers> history = read_history(folder.history());
  const EpochNumbers kept = kept_epoch(history, recipe.keeps_best());
  const Dataset test = data.test.map(as_the_network_takes_it);
  const Logs tested = model.evaluate(test, {.verbose = 0});
  const int trained = static_cast<int>(history.size() - before.size());
  return {.settings = settings,
          .device = default_device()->name(),
          .data = parts,
          .model = summary,
          .parameters = model.count_params(),
          .history = std::move(history),
          .kept = kept,
          .test_loss = tested["loss"],
          .test_accuracy = tested["accuracy"],
          .seconds = seconds.count(),
          .trained = trained,
          .predictions = predict(model, test, data.files.test)};
}

void save_result(const Run& run, const RunFolder& folder) {
  const nlohmann::ordered_json result{{"step", run.settings.step},
                                      {"optimizer", run.settings.optimizer},
                                      {"learning_rate", run.settings.learning_rate},
                                      {"batch_size", run.settings.batch_size},
                                      {"seed", run.settings.seed},
                                      {"device", run.device},
                                      {"parameters", run.parameters},
                                      {"epochs", run.history.size()},
                                      {"kept_epoch", run.kept.epoch + 1},
                                      {"train_accuracy", run.kept.accuracy},
                                      {"train_loss", run.kept.loss},
                                      {"validation_accuracy", run.kept.val_accuracy},
                                      {"validation_loss", run.kept.val_loss},
                                      {"test_accuracy", run.test_accuracy},
                                      {"test_loss", run.test_loss},
                                      {"seconds", run.seconds}};
  write_file(folder.result(), result.dump(2) + "\n");
}

}  // namespace hekla::fashion_mnist
