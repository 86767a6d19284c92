// See words.h.
#include "examples/fashion_mnist/words.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace hekla::fashion_mnist {

std::string duration_words(double seconds) {
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::round(seconds));
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

}  // namespace hekla::fashion_mnist
