// See grouped.h.
#include "train/grouped.h"

#include <cstddef>

namespace hekla {

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(text.begin() + at, ',');
  return text;
}

}  // namespace hekla
