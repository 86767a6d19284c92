// Settings: what decides the numbers of a run, besides the number of its epochs. They are kept beside its
// state, so that a run goes on as it began.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "examples/fashion_mnist/options.h"
#include "examples/fashion_mnist/recipe.h"

namespace hekla::fashion_mnist {

struct Settings {
  std::string step;
  std::string optimizer;
  double learning_rate = 0;
  std::int64_t batch_size = 0;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> limit;
};

/// What the options and, where they say nothing, the recipe ask for.
Settings settings_for(const Recipe& recipe, const Options& options);

/// Writes them as JSON.
void save_settings(const std::filesystem::path& path, const Settings& settings);

/// Throws hekla::Error, naming the first that differs, unless the file holds these settings.
void check_settings(const std::filesystem::path& path, const Settings& settings);

}  // namespace hekla::fashion_mnist
