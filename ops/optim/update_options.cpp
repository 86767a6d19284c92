// Checks of the options that all optimizers share.
#include "ops/optim/update_options.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "graph/error.h"
#include "ops/optim/checks.h"

namespace hekla {

namespace {

void check_clipping(std::string_view owner, const UpdateOptions& options) {
  const std::array<std::pair<std::string_view, std::optional<double>>, 3> ways{
      {{"clipnorm", options.clipnorm},
       {"clipvalue", options.clipvalue},
       {"global_clipnorm", options.global_clipnorm}}};
  std::string_view chosen;
  for (const auto& [name, limit] : ways) {
    if (!limit) continue;
    check_positive(owner, name, *limit);
    if (!chosen.empty()) {
      throw Error(
          fmt::format("[{}] both {} and {} are given; choose one of clipnorm, clipvalue and global_clipnorm.",
                      owner, chosen, name));
    }
    chosen = name;
  }
}

void check_optional_count(std::string_view owner, std::string_view what, const std::optional<int>& count) {
  if (count) check_count(owner, what, *count);
}

}  // namespace

void check_options(std::string_view owner, const UpdateOptions& options) {
  if (options.weight_decay) check_not_negative(owner, "weight_decay", *options.weight_decay);
  for (const std::string& word : options.exclude_from_weight_decay) {
    if (word.empty())
      throw Error(fmt::format(
          "[{}] exclude_from_weight_decay holds an empty word, which is in every label; leave it out.",
          owner));
  }
  check_clipping(owner, options);
  check_fraction(owner, "ema_momentum", options.ema_momentum);
  check_optional_count(owner, "ema_overwrite_frequency", options.ema_overwrite_frequency);
  check_optional_count(owner, "gradient_accumulation_steps", options.gradient_accumulation_steps);
  if (options.ema_overwrite_frequency && !options.use_ema) {
    throw Error(fmt::format("[{}] ema_overwrite_frequency is {} without averages; set use_ema as well.",
                            owner, *options.ema_overwrite_frequency));
  }
}

}  // namespace hekla
