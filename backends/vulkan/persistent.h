// Persistent workgroups: consecutive kernels of a plan in one dispatch, on devices on which a dispatch costs
// more than a small kernel. How the workgroups share the work stands in shaders/persistent.comp.
#pragma once

#include <cstddef>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/emit_plan.h"

namespace hekla::vulkan {

/// How many kernels of a plan, from `first` on, one dispatch may compute; less than two where it may not.
std::size_t kernels_that_join(const Plan& plan, std::size_t first, const Target& target, Tiles tiles);

/// The shader that computes `count` kernels of a plan from `first` on, one after another.
EmittedKernel join(const Plan& plan, std::size_t first, std::size_t count, const Target& target, Tiles tiles);

/// Bytes of what one dispatch of several kernels counts its progress in; zero before it and after.
constexpr std::size_t progress_bytes = 256;

}  // namespace hekla::vulkan
