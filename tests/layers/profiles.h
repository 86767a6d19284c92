// Profiles of devices smaller than the actual one: what their drivers report, as far as hekla queries it.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <string_view>

namespace hekla::layers {

struct Profile {
  std::string_view name;  // the value of HEKLA_LIMITS
  const char* device;
  const char* driver;
  VkDriverId driver_id;
  uint32_t vendor_id;
  uint32_t api_version;
  // Limits of storage: buffers and images in a stage and in a set, all resources of a stage, bytes in a
  // binding, texels in a view.
  uint32_t stage_buffers, set_buffers, stage_images, set_images, stage_resources;
  uint32_t buffer_range, texels;
  uint32_t push_constants, sets;
  // Limits of workgroups.
  uint32_t invocations, size_x, shared_bytes;
  // Limits of memory.
  uint32_t allocations;
  uint64_t allocation_bytes, heap_bytes;
  uint32_t buffer_alignment, texel_alignment, atom;
  // Whether the subgroup size may vary, and the subgroup operations.
  bool subgroups_vary;
  VkSubgroupFeatureFlags subgroup_operations;
  bool keeps_nan, int64, int8, float16, scalar_layout, timeline;
};

/// Null where there is none of that name.
const Profile* profile_of(std::string_view name);

}  // namespace hekla::layers
