// SPIR-V modules as words: what one asks of a device, and one without its names.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace hekla::vulkan {

/// Capabilities that a device may lack, by their numbers in the specification.
namespace capability {
constexpr std::uint32_t int64 = 11, shuffle = 65, shuffle_relative = 66, keep_nan = 4466;
}

struct SpirvNeeds {
  std::set<std::uint32_t> capabilities;
  std::uint32_t size_x = 0, invocations = 0;  // of a workgroup
  std::uint32_t shared_bytes = 0;             // of a workgroup
};

/// Throws hekla::Error on words that are no module.
SpirvNeeds needs_of(std::span<const std::uint32_t> module);

/// Without what only debuggers read: names, strings, lines.
std::vector<std::uint32_t> without_names(std::span<const std::uint32_t> module);

}  // namespace hekla::vulkan
