// See summary.h.
#include "examples/fashion_mnist/summary.h"

#include <fmt/format.h>

#include <iterator>

#include "examples/fashion_mnist/words.h"
#include "train/grouped.h"

namespace hekla::fashion_mnist {

namespace {

// Of a run that goes on, only the time since then is known.
std::string training_time(const Run& run) {
  const bool is_whole = run.trained == std::ssize(run.history);
  return duration_words(run.seconds) + (is_whole ? "" : fmt::format(" for the last {} epochs", run.trained));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of(const Run& run) {
  std::string epochs = fmt::format("{}", run.history.size());
  if (run.kept.epoch != run.history.back().epoch)
    epochs += fmt::format(", the weights of epoch {} kept", run.kept.epoch + 1);
  std::vector<std::pair<std::string, std::string>> settings{
      {"device", run.device},
      {"data", run.data},
      {"optimizer", fmt::format("{}, learning rate {}", run.settings.optimizer, run.settings.learning_rate)},
      {"batch size", fmt::format("{}", run.settings.batch_size)},
      {"seed", fmt::format("{}", run.settings.seed)},
      {"epochs", epochs},
      {"parameters", grouped(run.parameters)}};
  if (run.trained > 0) settings.push_back({"training", training_time(run)});
  return settings;
}

std::string command_of(const Run& run) {
  const Settings& settings = run.settings;
  std::string text = fmt::format(
      "scripts/fashion_mnist.sh {} --epochs {} --optimizer {} --learning-rate {} "
      "--batch-size {} --seed {}",
      settings.step, run.history.size(), settings.optimizer, settings.learning_rate, settings.batch_size,
      settings.seed);
  if (settings.limit) text += fmt::format(" --limit {}", *settings.limit);
  return text;
}

std::string result_lines(const Run& run) {
  return fmt::format("validation loss {:.4f}  accuracy {:.4f}\ntest loss {:.4f}  accuracy {:.4f}\n",
                     run.kept.val_loss, run.kept.val_accuracy, run.test_loss, run.test_accuracy);
}

std::string summary_text(const Run& run) {
  std::string text;
  for (const auto& [name, value] : settings_of(run)) text += fmt::format("{:<12}{}\n", name, value);
  text += fmt::format("{:<12}{}\n\n{}\n", "again", command_of(run), run.model);
  text += "epoch    loss  accuracy  val_loss  val_accuracy\n";
  for (const EpochNumbers& one : run.history)
    text += fmt::format("{:>5}  {:.4f}    {:.4f}    {:.4f}        {:.4f}{}\n", one.epoch + 1, one.loss,
                        one.accuracy, one.val_loss, one.val_accuracy,
                        one.epoch == run.kept.epoch ? "  kept" : "");
  return text + "\n" + result_lines(run);
}

}  // namespace hekla::fashion_mnist
