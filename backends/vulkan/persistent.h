// Persistent workgroups: consecutive kernels of a plan fused into one dispatch, on devices where a dispatch
// costs more than a small kernel. shaders/persistent.comp documents how the workgroups share the work.
#pragma once

#include <cstddef>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/emit_plan.h"

namespace hekla::vulkan {

/// The number of kernels of a plan, starting at `first`, that can share one dispatch; less than two when
/// sharing is not possible.
std::size_t kernels_that_join(const Plan& plan, std::size_t first, const Target& target, Tiles tiles);

/// The shader that computes `count` kernels of a plan, starting at `first`, one after another.
EmittedKernel join(const Plan& plan, std::size_t first, std::size_t count, const Target& target, Tiles tiles);

/// The size in bytes of the progress counters of one such dispatch; zero before and after it.
constexpr std::size_t progress_bytes = 256;

}  // namespace hekla::vulkan
