#include "backends/vulkan/emit_plan.h"

#include <algorithm>
#include <cstddef>

#include "backends/vulkan/compiler.h"
#include "backends/vulkan/exact.h"
#include "backends/vulkan/persistent.h"

namespace hekla::vulkan {

Target for_few_runs(const Target& target) {
  Target result = target;
  result.expected_runs = 200;
  result.persistent = false;
  result.octet_stores = false;
  result.several_quads = false;
  result.unrolled_stores = false;
  result.max_unrolled = 0;
  return result;
}

std::vector<EmittedKernel> emit_plan(const Plan& plan, const Target& target, Tiles tiles) {
  Target apart = target;
  apart.persistent = false;
  std::vector<EmittedKernel> emitted;
  for (std::size_t first = 0; first < plan.kernels.size(); first += emitted.back().kernels) {
    const std::size_t count = kernels_that_join(plan, first, target, tiles);
    emitted.push_back(count < 2 ? emit(plan.kernels[first], plan.slots, apart, tiles[first])
                                : join(plan, first, count, target, tiles));
  }
  return emitted;
}

std::vector<std::uint32_t> compile(const EmittedKernel& kernel, const Target& target, bool* was_cached) {
  std::vector<std::uint32_t> spirv = compile_glsl(kernel.glsl, kernel.label, kernel.source_map, was_cached);
  return target.exact_arithmetic ? with_exact_arithmetic(spirv) : spirv;
}

std::vector<bool> place_barriers(const Plan& plan, const std::vector<EmittedKernel>& dispatches) {
  std::vector<bool> barriers;
  auto first = plan.barrier_before.begin();
  bool after_several = false;
  for (const EmittedKernel& dispatch : dispatches) {
    const auto end = first + static_cast<std::ptrdiff_t>(dispatch.kernels);
    // A barrier inside a dispatch of several kernels does not synchronise with later dispatches.
    barriers.push_back(after_several || std::find(first, end, true) != end);
    after_several = dispatch.kernels > 1;
    first = end;
  }
  return barriers;
}

}  // namespace hekla::vulkan
