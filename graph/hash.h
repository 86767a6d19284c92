// Hash of a key made of words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hekla {

struct HashWords {
  std::size_t operator()(std::span<const std::uint64_t> words) const {
    std::uint64_t hash = 0x243f6a8885a308d3ull;
    for (const std::uint64_t word : words) {
      hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace hekla
