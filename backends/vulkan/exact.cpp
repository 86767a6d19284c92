// Decorating a SPIR-V module.
#include "backends/vulkan/exact.h"

#include <cstddef>
#include <set>

namespace hekla::vulkan {

namespace {

constexpr std::size_t header_words = 5;
constexpr std::uint32_t op_decorate = 71, no_contraction = 42;
constexpr std::uint32_t first_type = 19, last_type = 39;  // OpTypeVoid to OpTypeForwardPointer

bool is_arithmetic(std::uint32_t op) {
  constexpr std::uint32_t negate = 127, add = 129, subtract = 131, multiply = 133, divide = 136, rem = 140,
                          mod = 141, vector_times_scalar = 142, dot = 148;
  return op == negate || op == add || op == subtract || op == multiply || op == divide || op == rem ||
         op == mod || op == vector_times_scalar || op == dot;
}

}  // namespace

std::vector<std::uint32_t> with_exact_arithmetic(const std::vector<std::uint32_t>& words) {
  std::vector<std::uint32_t> decorations;
  std::set<std::uint32_t> decorated;  // already, by `precise` in GLSL; SPIR-V allows it once only
  std::size_t types = 0;              // position of the first type: decorations precede types
  for (std::size_t at = header_words; at < words.size();) {
    const std::uint32_t op = words[at] & 0xffff, length = words[at] >> 16;
    if (length == 0) return words;
    if (types == 0 && op >= first_type && op <= last_type) types = at;
    if (op == op_decorate && words[at + 2] == no_contraction) decorated.insert(words[at + 1]);
    if (is_arithmetic(op) && !decorated.contains(words[at + 2]))
      decorations.insert(decorations.end(), {3u << 16 | op_decorate, words[at + 2], no_contraction});
    at += length;
  }
  std::vector<std::uint32_t> result = words;
  result.insert(result.begin() + static_cast<std::ptrdiff_t>(types), decorations.begin(), decorations.end());
  return result;
}

}  // namespace hekla::vulkan
