// See choice.h.
#include "graph/choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "graph/error.h"

namespace hekla {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string unknown_name(std::string_view name, const std::vector<std::string_view>& known) {
  return fmt::format("'{}' is unknown; choose one of {}.", name, fmt::join(known, ", "));
}

void throw_unknown_name(std::string_view owner, std::string_view what, std::string_view name,
                        const std::vector<std::string_view>& known) {
  throw Error(fmt::format("[{}] {}{}{}", owner, what, what.empty() ? "" : " ", unknown_name(name, known)));
}

}  // namespace hekla
