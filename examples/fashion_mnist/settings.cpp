// See settings.h.
#include "examples/fashion_mnist/settings.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "examples/fashion_mnist/optimizer_choice.h"
#include "graph/error.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

namespace {

using Json = nlohmann::ordered_json;

// By the names of the options.
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

}  // namespace hekla::fashion_mnist
