// See monitor.h.
#include "train/callbacks/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"

namespace hekla {

namespace {

bool larger_is_better(std::string_view owner, std::string_view name, std::string_view mode) {
  constexpr std::array<std::pair<std::string_view, std::optional<bool>>, 3> modes{
      {{"auto", {}}, {"min", false}, {"max", true}}};
  if (const std::optional<bool> known = choose(owner, mode, modes, "mode")) return *known;
  constexpr std::array<std::string_view, 6> words{"acc", "precision", "recall", "auc", "f1_score", "top_k"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

}  // namespace

Monitor::Monitor(std::string_view owner, std::string name, std::string_view mode, double min_delta)
    : owner_(owner),
      name_(std::move(name)),
      larger_is_better_(larger_is_better(owner, name_, mode)),
      min_delta_(std::abs(min_delta)) {
  check_is_number(owner_, "min_delta", min_delta);
}

void check_is_number(std::string_view owner, std::string_view what, const std::optional<double>& number) {
  if (number && std::isnan(*number))
    throw Error(fmt::format("[{}] {} is NaN; nothing compares with that.", owner, what));
}

std::optional<double> Monitor::read(const Logs& logs) const {
  if (const double* value = logs.find(name_)) return *value;
  if (std::ranges::find(logs.awaited, name_) != logs.awaited.end()) return std::nullopt;
  throw Error(
      fmt::format("[{}] there is no '{}' to watch; the epoch has {}. Names that begin with val_ need "
                  "validation data.",
                  owner_, name_, logs.names()));
}

bool Monitor::is_better(double value, const std::optional<double>& best) const {
  if (!best) return !std::isnan(value);
  return larger_is_better_ ? value > *best + min_delta_ : value < *best - min_delta_;
}

}  // namespace hekla
