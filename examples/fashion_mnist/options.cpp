// See options.h.
#include "examples/fashion_mnist/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "graph/error.h"

namespace hekla::fashion_mnist {

namespace {

constexpr std::array<std::pair<std::string_view, Model>, 2> models = {
    {{"softmax", Model::softmax}, {"mlp", Model::mlp}}};
constexpr std::array<std::pair<std::string_view, Activation>, 2> activations = {
    {{"sigmoid", Activation::sigmoid}, {"relu", Activation::relu}}};
constexpr std::array<std::pair<std::string_view, Optimizer>, 3> optimizers = {
    {{"sgd", Optimizer::sgd}, {"momentum", Optimizer::momentum}, {"nesterov", Optimizer::nesterov}}};
constexpr std::array<std::pair<std::string_view, Schedule>, 2> schedules = {
    {{"linear", Schedule::linear}, {"constant", Schedule::constant}}};

constexpr std::string_view examples =
    "Examples:\n"
    "  fashion_mnist --model softmax --epochs 10\n"
    "  fashion_mnist --hidden 256 --activation sigmoid --optimizer momentum --learning-rate 0.05\n";

template <typename Choice, std::size_t Count>
std::string_view find_word(const std::array<std::pair<std::string_view, Choice>, Count>& choices,
                           Choice sought) {
  for (const auto& [word, choice] : choices)
    if (choice == sought) return word;
  return "?";
}

// An option that takes one of a few words; CLI11's own check would also take the numbers of the enumerators.
template <typename Choice, std::size_t Count>
void add_choice(CLI::App& app, const std::string& name, Choice& value, const std::string& what,
                const std::array<std::pair<std::string_view, Choice>, Count>& choices) {
  std::string words;
  for (const auto& [word, choice] : choices) words += (words.empty() ? "" : "|") + std::string(word);
  app.add_option_function<std::string>(
         name,
         [&value, &choices, name, words](const std::string& given) {
           for (const auto& [word, choice] : choices)
             if (given == word) {
               value = choice;
               return;
             }
           throw Error(fmt::format("[options] {} {}: unknown; choose {}.", name, given, words));
         },
         fmt::format("{} [default: {}]", what, find_word(choices, value)))
      ->option_text(words);
}

// An option that takes a number; CLI11's own reading clips what is too large and wraps what is negative.
template <typename Number>
void add_number(CLI::App& app, const std::string& name, const std::string& unit, const std::string& what,
                std::function<void(Number)> take) {
  app.add_option_function<std::string>(
         name,
         [take = std::move(take), name](const std::string& given) {
           Number value{};
           const char* end = given.data() + given.size();
           const auto [stop, failure] = std::from_chars(given.data(), end, value);
           if (failure == std::errc::result_out_of_range)
             throw Error(fmt::format("[options] {} {}: out of range.", name, given));
           if (failure != std::errc() || stop != end)
             throw Error(fmt::format("[options] {} {}: not a {}.", name, given,
                                     std::is_floating_point_v<Number> ? "number"
                                     : std::is_unsigned_v<Number>     ? "whole number of at least 0"
                                                                      : "whole number"));
           take(value);
         },
         what)
      ->option_text(unit);
}

void check_at_least_one(std::string_view name, std::int64_t value) {
  if (value < 1) throw Error(fmt::format("[options] {} {}: too small; at least 1 is needed.", name, value));
}

}  // namespace

std::string_view word_for(Model model) { return find_word(models, model); }
std::string_view word_for(Activation activation) { return find_word(activations, activation); }
std::string_view word_for(Optimizer optimizer) { return find_word(optimizers, optimizer); }
std::string_view word_for(Schedule schedule) { return find_word(schedules, schedule); }

double default_learning_rate(Optimizer optimizer) {
  // Momentum 0.9 makes a step ten times as long in the long run.
  return optimizer == Optimizer::sgd ? 0.1 : 0.01;
}

Options parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app(
      "Trains a classifier of clothes on Fashion-MNIST and prints its loss and accuracy on the test set.",
      "fashion_mnist");
  app.get_formatter()->column_width(34);
  app.set_help_flag("-h,--help", "Print this text and exit");
  app.footer(std::string(examples));

  add_choice(app, "--model", options.model, "softmax: one dense layer; mlp: one hidden layer before it",
             models);
  add_number<std::int64_t>(app, "--hidden", "UNITS", "Units of the hidden layer (mlp) [default: 100]",
                           [&](std::int64_t value) {
                             check_at_least_one("--hidden", value);
                             options.hidden = value;
                           });
  add_choice(app, "--activation", options.activation, "Activation of the hidden layer (mlp)", activations);
  add_choice(app, "--optimizer", options.optimizer, "Plain gradient descent, or with momentum 0.9",
             optimizers);
  add_number<double>(
      app, "--learning-rate", "RATE",
      fmt::format("Step per unit of gradient [default: {} with sgd, {} with the others]",
                  default_learning_rate(Optimizer::sgd), default_learning_rate(Optimizer::momentum)),
      [&](double value) {
        if (!std::isfinite(value) || value <= 0)
          throw Error(fmt::format("[options] --learning-rate {}: not a finite number above 0.", value));
        options.learning_rate = value;
      });
  add_choice(app, "--schedule", options.schedule, "Whether the learning rate falls evenly to 0 or stays",
             schedules);
  add_number<std::int64_t>(app, "--epochs", "COUNT", "Passes over the training set [default: 5]",
                           [&](std::int64_t value) {
                             check_at_least_one("--epochs", value);
                             options.epochs = value;
                           });
  add_number<std::int64_t>(app, "--batch-size", "IMAGES", "Images per step [default: 32]",
                           [&](std::int64_t value) { options.batch_size = value; });
  add_number<std::int64_t>(app, "--limit", "IMAGES",
                           "Use only the first so many images of each set, for a quick try [default: all]",
                           [&](std::int64_t value) {
                             check_at_least_one("--limit", value);
                             options.limit = value;
                           });
  add_number<std::uint64_t>(app, "--seed", "NUMBER",
                            "Seed of weights and shuffling; same seed, same numbers [default: 42]",
                            [&](std::uint64_t value) { options.seed = value; });
  app.add_option(
         "--device", options.device,
         "Part of a device's name, or its number, or 'reference' (no Vulkan) [default: HEKLA_DEVICE, or the "
         "fastest kind]")
      ->option_text("NAME");
  std::string data;
  app.add_option("--data", data,
                 "Folder with the four IDX files [default: HEKLA_DATA, or the system's data set]")
      ->option_text("FOLDER");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
    return options;
  } catch (const CLI::ParseError& error) {
    throw Error(fmt::format("[options] {}; --help lists the options.", error.what()));
  }

  options.data = data;
  return options;
}

void check_batch_size(std::int64_t batch_size, std::int64_t example_count) {
  if (batch_size < 1 || batch_size > example_count)
    throw Error(fmt::format("[options] --batch-size {}: must be from 1 to the number of training images, {}.",
                            batch_size, example_count));
}

}  // namespace hekla::fashion_mnist
