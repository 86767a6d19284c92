#include "examples/fashion_mnist/run.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include "examples/fashion_mnist/recipes.h"
#include "graph/error.h"
#include "hekla.h"
#include "train/files/atomic_file.h"
#include "train/grouped.h"

namespace hekla::fashion_mnist {

RunFolder open_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw Error(fmt::format("[out] the folder {} cannot be made ({}); choose another with --out.",
                            path.string(), error.message()));
  // A trial before the training rather than a failure after the first epoch; without a commit, no file
  // remains.
  const AtomicFile trial(path / "history.csv");
  return {path};
}

void clear_folder(const RunFolder& folder) {
  for (const auto& file :
       {folder.settings(), folder.history(), folder.state(), folder.weights(), folder.result(),
        folder.summary(), folder.learning_curve(), folder.confusion(), folder.mistakes(), folder.comparison(),
        folder.comparison_table(), folder.report()}) {
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
      throw Error(fmt::format("[out] {} cannot be replaced ({}); choose another folder with --out.",
                              file.string(), error.message()));
  }
}

namespace {

constexpr std::string_view header = "epoch,accuracy,loss,val_accuracy,val_loss";

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty() || lines[0] != header)
    throw Error(fmt::format("[history] {} is no history of a run; its first line must be {}.", path.string(),
                            header));
  return lines;
}

// Parses and removes the text up to the next comma.
template <class Number>
Number take_number(std::string_view& text, std::string_view line, const std::filesystem::path& path) {
  const std::size_t end = std::min(text.find(','), text.size());
  Number value{};
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + end, value);
  if (failure != std::errc() || stop != text.data() + end)
    throw Error(fmt::format("[history] {}: '{}' is not five numbers.", path.string(), line));
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

}  // namespace

std::vector<EpochNumbers> read_history(const std::filesystem::path& path) {
  const std::vector<std::string> lines = read_lines(path);
  std::vector<EpochNumbers> history;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view rest = lines[i];
    EpochNumbers numbers{.epoch = take_number<int>(rest, lines[i], path)};
    for (double* value : {&numbers.accuracy, &numbers.loss, &numbers.val_accuracy, &numbers.val_loss})
      *value = take_number<double>(rest, lines[i], path);
    history.push_back(numbers);
  }
  return history;
}

void keep_epochs(const std::filesystem::path& path, int epochs) {
  const std::vector<std::string> lines = read_lines(path);
  const auto wanted = static_cast<std::size_t>(epochs) + 1;
  if (lines.size() < wanted)
    throw Error(fmt::format("[history] {} has {} epochs, but the saved state has {}; train anew.",
                            path.string(), lines.size() - 1, epochs));
  std::string text;
  for (std::size_t i = 0; i < wanted; ++i) text += lines[i] + "\n";
  write_file(path, text);
}

const EpochNumbers& kept_epoch(const std::vector<EpochNumbers>& history, bool keeps_best) {
  if (!keeps_best) return history.back();
  return *std::ranges::min_element(history, {}, &EpochNumbers::val_loss);
}

namespace {

using Json = nlohmann::ordered_json;

// Keys are the names of the options.
Json to_json(const Settings& settings) {
  return {{"step", settings.step},
          {"optimizer", settings.optimizer},
          {"learning-rate", settings.learning_rate},
          {"batch-size", settings.batch_size},
          {"seed", settings.seed},
          {"limit", settings.limit ? Json(*settings.limit) : Json("all")}};
}

}  // namespace

Settings settings_for(const Recipe& recipe, const Options& options) {
  Settings settings{.step = std::string(recipe.name),
                    .optimizer = options.optimizer.value_or(std::string(recipe.optimizer)),
                    .batch_size = options.batch_size,
                    .seed = options.seed,
                    .limit = options.limit};
  // The variable's f32 in its shortest form: 0.001, not 0.0010000000474974513.
  const float usual = make_optimizer(settings.optimizer).learning_rate().item<float>();
  settings.learning_rate = options.learning_rate.value_or(std::stod(fmt::format("{}", usual)));
  return settings;
}

void save_settings(const std::filesystem::path& path, const Settings& settings) {
  write_file(path, to_json(settings).dump(2) + "\n");
}

void check_settings(const std::filesystem::path& path, const Settings& settings) {
  std::ifstream file(path);
  if (!file)
    throw Error(
        fmt::format("[resume] {} is not there, so no run can go on; leave out --resume.", path.string()));
  const Json saved = Json::parse(file, nullptr, false);
  const Json wanted = to_json(settings);
  for (const auto& [name, value] : wanted.items()) {
    const bool is_there = saved.is_object() && saved.contains(name);
    if (!is_there || saved[name] != value)
      throw Error(fmt::format(
          "[resume] the run in {} has {} {}, not {}; give the options it was started with.",
          path.parent_path().string(), name, is_there ? saved[name].dump() : "unknown", value.dump()));
  }
}

namespace {

volatile std::sig_atomic_t is_interrupted = 0;

void note(int) {
  is_interrupted = 1;
  std::signal(SIGINT, SIG_DFL);
#if __has_include(<unistd.h>)
  constexpr std::string_view text =
      "\nfashion_mnist: stopping after this epoch; Ctrl-C again stops at once\n";
  // A signal handler may call write, but no buffered output function (async-signal safety).
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
#endif
}

}  // namespace

void watch_interrupts() { std::signal(SIGINT, note); }
bool interrupted() { return is_interrupted != 0; }

namespace {

// Ends the training with an error before anything of the epoch is written, so that the files keep the last
// good epoch.
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

// Loads the state of an interrupted run and returns its epochs so far.
std::vector<EpochNumbers> resume(Model& model, const Settings& settings, const RunFolder& folder,
                                 int epochs) {
  check_settings(folder.settings(), settings);
  if (!std::filesystem::exists(folder.state())) return {};  // interrupted in its first epoch
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
  // The state is written last: a run resumed from it has all other files of that epoch, too.
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
  if (default_device()->is_software_driver())
    fmt::print(
        "            --device native compiles for this processor: three to five times faster where "
        "measured\n");
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
