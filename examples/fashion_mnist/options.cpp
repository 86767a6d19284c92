// See options.h.
#include "examples/fashion_mnist/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "examples/fashion_mnist/recipes.h"
#include "graph/error.h"

namespace hekla::fashion_mnist {

namespace {

constexpr std::string_view examples =
    "Examples:\n"
    "  fashion_mnist look\n"
    "  fashion_mnist relu --optimizer nesterov --epochs 10\n"
    "  fashion_mnist cnn --resume          goes on where a run was cut off\n";

struct StepName {
  std::string_view name;
  std::string title;
};

std::vector<StepName> steps() {
  std::vector<StepName> list{{"look", "Shows the data: sizes, the first ten images, counts, the split"}};
  for (const Recipe& recipe : recipes()) {
    list.push_back({recipe.name, std::string(recipe.title)});
    if (recipe.name != Options().step) continue;
    list.back().title += "; runs when no step is named";
    list.push_back({"optimizers", "Trains the relu network with six optimizers and compares them"});
  }
  return list;
}

// An option that takes a number. CLI11's own conversion clamps values that are too large and wraps negative
// ones.
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

void add_places(CLI::App& app, Options& options, const std::string& step) {
  app.add_option("--device", options.device,
                 "Part of a device's name, or its number, or without Vulkan 'native' or 'reference' "
                 "[default: HEKLA_DEVICE, or the "
                 "fastest kind]")
      ->option_text("NAME");
  app.add_option_function<std::string>(
         "--data", [&options](const std::string& folder) { options.data = folder; },
         "Folder with the four IDX files [default: HEKLA_DATA, or the system's data set]")
      ->option_text("FOLDER");
  app.add_option_function<std::string>(
         "--out", [&options](const std::string& folder) { options.out = folder; },
         fmt::format("Folder for the files, which are replaced [default: runs/{}]", step))
      ->option_text("FOLDER");
}

void add_optimizer(CLI::App& app, Options& options, std::string_view usual) {
  const std::string words = fmt::format("{}", fmt::join(optimizer_names(), "|"));
  app.add_option_function<std::string>(
         "--optimizer",
         [&options, words](const std::string& given) {
           if (std::ranges::find(optimizer_names(), given) == optimizer_names().end())
             throw Error(fmt::format("[options] --optimizer {}: unknown; choose {}.", given, words));
           options.optimizer = given;
         },
         fmt::format("{} [default: {}]", fmt::join(optimizer_names(), ", "), usual))
      ->option_text("NAME");
  add_number<double>(
      app, "--learning-rate", "RATE",
      "The optimizer's learning rate [default: Keras's, 0.001; 0.01 for sgd and its kin]",
      [&options](double value) {
        if (!std::isfinite(value) || value <= 0 || value > std::numeric_limits<float>::max())
          throw Error(fmt::format(
              "[options] --learning-rate {}: must be above 0 and within single precision.", value));
        options.learning_rate = value;
      });
}

void add_training(CLI::App& app, Options& options, int usual_epochs, int patience) {
  const std::string epochs =
      patience > 0 ? fmt::format(
                         "Passes over the training set, at most: it ends after {} without a better "
                         "validation loss [default: {}]",
                         patience, usual_epochs)
                   : fmt::format("Passes over the training set [default: {}]", usual_epochs);
  add_number<int>(app, "--epochs", "COUNT", epochs, [&options](int value) {
    check_at_least_one("--epochs", value);
    options.epochs = value;
  });
  add_number<std::int64_t>(app, "--batch-size", "IMAGES", "Images per training step [default: 32]",
                           [&options](std::int64_t value) { options.batch_size = value; });
  add_number<std::uint64_t>(app, "--seed", "NUMBER",
                            "Decides weights, order and dropout; same seed, same numbers [default: 42]",
                            [&options](std::uint64_t value) { options.seed = value; });
  add_number<std::int64_t>(app, "--limit", "IMAGES",
                           "Use only the first so many images of each part, for a quick try [default: all]",
                           [&options](std::int64_t value) {
                             check_at_least_one("--limit", value);
                             options.limit = value;
                           });
  app.add_flag("--resume", options.resume,
               "Go on after the last finished epoch of the run in the folder, as if it had never stopped");
}

// The options of one step; those of the program itself are those of the step that runs when none is named.
void add_options(CLI::App& app, Options& options, const std::string& step) {
  const Recipe* recipe = find_recipe(step == "optimizers" ? "relu" : step);
  if (recipe) {
    add_training(app, options, recipe->epochs, recipe->patience);
    if (step != "optimizers") add_optimizer(app, options, recipe->optimizer);
  }
  add_places(app, options, step);
}

std::string words_of_steps() {
  std::vector<std::string_view> names;
  for (const StepName& step : steps()) names.push_back(step.name);
  return fmt::format("{}", fmt::join(names, "|"));
}

// Without this check, CLI11 would report an unknown step as an unexpected argument.
void check_step(int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const std::vector<StepName> known = steps();
  if (std::ranges::find(known, std::string_view(argv[1]), &StepName::name) == known.end())
    throw Error(fmt::format("[options] {}: there is no such step; choose {}.", argv[1], words_of_steps()));
}

// Options before the step's name are parsed as those of relu.
void check_belongs(const Options& options) {
  if (options.step == "optimizers" && (options.optimizer || options.learning_rate))
    throw Error("[options] optimizers compares optimizers as they come; choose one with relu --optimizer.");
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app(
      "The book's chapter on neural networks as a program: looks at Fashion-MNIST and trains the networks "
      "of the\nchapter, one step each. 48,000 images train, 12,000 validate, 10,000 test. Every training "
      "leaves a folder with\nits history, weights, charts and report.html.",
      "fashion_mnist");
  app.get_formatter()->column_width(30);
  app.set_help_flag("-h,--help", "Print this text and exit");
  app.footer(std::string(examples));
  app.get_formatter()->label("SUBCOMMAND", "STEP");
  app.require_subcommand(0, 1);
  app.option_defaults()->group("Options of relu");
  add_options(app, options, options.step);
  for (const StepName& step : steps()) {
    CLI::App* sub = app.add_subcommand(std::string(step.name), step.title);
    sub->group("Steps (each has its own --help)");
    sub->footer("");
    sub->option_defaults()->group("Options");
    add_options(*sub, options, std::string(step.name));
  }

  check_step(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
    return options;
  } catch (const CLI::ParseError& error) {
    throw Error(fmt::format("[options] {}; --help lists the options.", error.what()));
  }
  if (!app.get_subcommands().empty()) options.step = app.get_subcommands().front()->get_name();
  check_belongs(options);
  if (options.out.empty()) options.out = std::filesystem::path("runs") / options.step;
  return options;
}

}  // namespace hekla::fashion_mnist
