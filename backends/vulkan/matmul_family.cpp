#include "backends/vulkan/matmul_family.h"

#include <fmt/format.h>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

void Definitions::define(std::string_view name, std::uint64_t value) {
  text += fmt::format("#define ${} {}u\n", name, value);
}

void Definitions::define(std::string_view name, const std::string& value) {
  text += fmt::format("#define ${} {}\n", name, value);
}

const MatmulFamily& family_for(const Target& target, DType factors) {
  if (target.matmul != nullptr) return *target.matmul;
  const MatmulFamily* best = &tiled_matmul;
  for (const MatmulFamily* family : matmul_families()) {
    if (family->priority > best->priority && family->supports(target, factors)) best = family;
  }
  return *best;
}

}  // namespace hekla::vulkan
