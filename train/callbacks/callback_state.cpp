// See callback_state.h.
#include "train/callbacks/callback_state.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"

namespace hekla {

void CallbackState::set(std::string_view number, const std::optional<double>& value) {
  if (value) numbers.set(number, *value);
}

std::optional<double> CallbackState::number(std::string_view number) const {
  const double* value = numbers.find(number);
  return value ? std::optional(*value) : std::nullopt;
}

int CallbackState::whole(std::string_view number) const {
  const double value = numbers[number];
  constexpr double largest = std::numeric_limits<int>::max();
  if (value >= 0 && value <= largest && value == static_cast<int>(value)) return static_cast<int>(value);
  throw Error(
      fmt::format("[{}] {} is {} in what was saved; it must be a whole number.", name, number, value));
}

}  // namespace hekla
