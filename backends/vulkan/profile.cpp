// The table of device profiles. Comments give the source of each value; all other fields keep the defaults of
// DeviceProfile and Target.
#include "backends/vulkan/profile.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "backends/vulkan/switches.h"

namespace hekla::vulkan {

namespace {

// lp_bld_limits.h: after LP_MAX_TGSI_LOOP_ITERATIONS, 65,535, all loops of an invocation terminate silently.
constexpr std::int64_t llvmpipe_iterations = 65'000;

constexpr std::uint32_t nvidia_id = 0x10de, amd_id = 0x1002, intel_id = 0x8086;

struct Row {
  std::string_view name;
  bool (*is)(const Context& context);
  void (*set)(Profile& profile, const Context& context);
};

bool has(const Context& context, VkSubgroupFeatureFlagBits operation) {
  return (context.subgroup_operations & operation) != 0;
}

// Octet stores: llvmpipe stores lane by lane. On an AMD EPYC 64-bit words took 0.8 to 0.9 of the time of
// elements, on an Intel Xeon 1.2 to 1.4 (docs/performance.md).
bool likes_long_words() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_is("amd") != 0;
#else
  return false;
#endif
}

// Whether Mesa caches on disk. Its environment variables disable that by one of these words.
bool caches_in_driver() {
  const auto disables = [](const char* variable) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return false;
    std::string word = text;
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view words[] = {"1", "y", "yes", "t", "true"};
    return std::ranges::find(words, word) != std::end(words);
  };
  return !disables("MESA_SHADER_CACHE_DISABLE") && !disables("MESA_GLSL_CACHE_DISABLE");
}

void set_software(Profile& p, const Context&) {
  // A dependent dispatch takes about 30 us, the time in which two processors do this many additions.
  p.compiler.dispatch_work = 500'000;
  // A workgroup runs on one thread, so one invocation folds as fast as several would together.
  p.target.reduce_lanes = 1;
  p.target.compute_units = std::max(1u, std::thread::hardware_concurrency());
  p.target.slow_shared_memory = true;
  // Per-invocation overhead dominates the time of a short map.
  p.target.several_quads = true;
  p.target.exact_arithmetic = true;
  p.pipeline_bytes = 1'200'000;  // measured on llvmpipe: machine code that LLVM generates
}

void set_llvmpipe(Profile& p, const Context& context) {
  set_software(p, context);
  p.target.hide_zeros = true;  // lp_bld_arit.c: lp_build_mul folds a product with a constant 0 to 0
  p.target.persistent = true;  // waking the driver's threads takes 30 to 70 us (docs/performance.md)
  // Compiling takes three to eight times as long then, and a step a sixth to a third less (docs/performance.md).
  p.improve_after = 15;
  constexpr std::uint32_t most_devices = 3;  // more were not tried
  // Validation would count messages for each device apart.
  if (caches_in_driver() && context.instance.log == nullptr)
    p.compile_devices = std::min(most_devices, p.target.compute_units - 1);
}

void set_llvmpipe_22(Profile& p, const Context& context) {
  set_llvmpipe(p, context);
  // Reads through storage texel buffers are inline and were the quickest form (docs/performance.md).
  p.target.texel_reads = true;
  p.target.octet_stores = likes_long_words();
}

void set_swiftshader(Profile& p, const Context& context) {
  set_software(p, context);
  p.target.own_special_values = true;  // its exp and log of NaN return numbers
}

void set_llvmpipe_25(Profile& p, const Context& context) {
  set_llvmpipe(p, context);
  // Disables unrolling, because code for a storage buffer load has become long. Unrolled sixteen times in a
  // product's sixteen rows, LLVM 19 took 6 s to compile it, and 0.4 s not unrolled. The CNN's step took 47 ms;
  // with loops of up to four iterations unrolled, 73.
  p.target.max_unrolled = 0;
}

// Measured on an NVIDIA H200; AMD and Intel use the same values until they are measured.
void set_gpu(Profile& p, const Context& context) {
  p.compiler.dispatch_work = 20'000'000;  // a dependent dispatch takes about 5 us
  p.target.compute_units =
      context.compute_units != 0 ? context.compute_units : 64;  // a guess when the driver does not report it
  // Outputs that occupy half of the compute units with tiles of 64 x 64.
  p.compiler.enough_product_outputs = std::int64_t{64 * 64} * p.target.compute_units / 2;
  p.target.local_size = 256;    // eight subgroups of 32; larger workgroups were not tried
  p.target.reduce_lanes = 256;  // so that few items still fill the device (occupancy)
  p.target.matrix_units = context.matrix_units;
}

// The minimum limits that Vulkan guarantees, for an unmeasured device (a Raspberry Pi, a phone).
void set_generic_gpu(Profile& p, const Context& context) {
  set_gpu(p, context);
  p.target.local_size = 128;
  p.target.reduce_lanes = 128;
  p.target.max_invocations = 128;
  p.target.shared_bytes = 16384;
}

template <std::uint32_t vendor>
bool is_gpu_of(const Context& context) {
  return context.vendor_id == vendor && !context.is_software;
}

constexpr Row rows[] = {
    {"llvmpipe before Mesa 25", [](const Context& c) { return c.is_llvmpipe && c.mesa_major < 25; },
     set_llvmpipe_22},
    {"llvmpipe of Mesa 25 and later", [](const Context& c) { return c.is_llvmpipe; }, set_llvmpipe_25},
    {"SwiftShader", [](const Context& c) { return c.is_swiftshader; }, set_swiftshader},
    {"software", [](const Context& c) { return c.is_software; }, set_software},
    {"NVIDIA", is_gpu_of<nvidia_id>, set_gpu},
    {"AMD", is_gpu_of<amd_id>, set_gpu},
    {"Intel", is_gpu_of<intel_id>, set_gpu},
    {"generic GPU", [](const Context&) { return true; }, set_generic_gpu},
};

}  // namespace

Profile profile_of(const Context& context) {
  const Row& row = *std::ranges::find_if(rows, [&](const Row& each) { return each.is(context); });
  Profile profile{.name = std::string(row.name), .compiler = {}, .target = {}};
  profile.compiler.max_bindings = INT32_MAX;  // as many as the device binds
  profile.target.shared_bytes = profile.target.max_invocations = UINT32_MAX;
  row.set(profile, context);
  if (!persistent_wanted()) profile.target.persistent = false;
  if (const std::optional<bool> wanted = matrix_units_wanted())
    profile.target.matrix_units = *wanted ? context.matrix_units : MatrixUnits{};
  if (!profile_file().empty()) override_fields(fields_of(profile), profile_file());
  keep_within(profile, context);
  return profile;
}

Profile profile_of_any_device() {
  // The required limits of the specification. No field names a feature.
  Context least;
  VkPhysicalDeviceLimits& limits = least.limits;
  limits.maxPerStageDescriptorStorageBuffers = 4;
  limits.maxDescriptorSetStorageBuffers = 24;
  limits.maxPerStageDescriptorStorageImages = 4;
  limits.maxDescriptorSetStorageImages = 24;
  limits.maxPerStageResources = 128;
  limits.maxStorageBufferRange = 1u << 27;
  limits.maxTexelBufferElements = 65536;
  limits.maxComputeSharedMemorySize = 16384;
  limits.maxComputeWorkGroupInvocations = limits.maxComputeWorkGroupSize[0] = 128;
  least.offset_alignment = 256;
  Profile profile{.name = "any device", .compiler = {}, .target = {}};
  profile.compiler.max_bindings = INT32_MAX;
  set_generic_gpu(profile, least);
  keep_within(profile, least);
  return profile;
}

void keep_within(Profile& profile, const Context& context) {
  const VkPhysicalDeviceLimits& limits = context.limits;
  compiler::DeviceProfile& compiler = profile.compiler;
  const auto at_most = [](auto& value, auto limit) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(
        std::min<std::int64_t>(static_cast<std::int64_t>(value), static_cast<std::int64_t>(limit)));
  };
  at_most(compiler.max_bindings,
          std::min({limits.maxPerStageDescriptorStorageBuffers, limits.maxDescriptorSetStorageBuffers,
                    limits.maxPerStageResources}));
  at_most(compiler.max_binding_bytes, limits.maxStorageBufferRange);
  at_most(compiler.max_stored_bytes, compiler.max_binding_bytes);
  compiler.arena_alignment =
      std::max<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(compiler.arena_alignment)),
                             static_cast<std::int64_t>(context.offset_alignment));
  if (context.is_llvmpipe) at_most(compiler.max_iterations, llvmpipe_iterations);
  Target& target = profile.target;
  target.max_buffers = static_cast<std::uint32_t>(compiler.max_bindings);
  target.max_texel_buffers =
      std::min({limits.maxPerStageDescriptorStorageImages, limits.maxDescriptorSetStorageImages,
                limits.maxPerStageResources - target.max_buffers});
  target.max_texels = limits.maxTexelBufferElements;
  at_most(target.shared_bytes, limits.maxComputeSharedMemorySize);
  // Workgroups are rows of invocations.
  at_most(target.max_invocations,
          std::min(limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0]));
  // Each lane of a workgroup that folds (reduces) holds a quad in shared memory.
  constexpr std::uint32_t bytes_of_lane = 16;
  at_most(target.local_size, std::min(target.max_invocations, target.shared_bytes / bytes_of_lane));
  target.local_size = std::bit_floor(target.local_size);
  target.reduce_lanes = std::bit_floor(std::min(target.reduce_lanes, target.local_size));
  target.subgroup_size = context.subgroup_size;
  target.can_shuffle = has(context, VK_SUBGROUP_FEATURE_SHUFFLE_BIT);
  const bool can_fold = has(context, VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT) &&
                        context.subgroup_size_fixed && context.subgroup_size <= target.local_size;
  target.fold_subgroup = can_fold ? context.subgroup_size : 1;
  // A workgroup of matmul_cooperative.comp is four subgroups, which requires a fixed subgroup size.
  if (!context.subgroup_size_fixed) target.matrix_units = {};
  target.keep_nan = context.keeps_nan;
  target.octet_stores = target.octet_stores && context.shader_int64 && context.scalar_block_layout;
  // Kernels that share a dispatch also share the workgroup size, that of matmul_shuffle.comp.
  target.persistent =
      target.persistent && family_for(target, DType::f32).shares_dispatch && target.reduce_lanes == 1;
}

std::vector<compiler::ProfileField> fields_of(Profile& profile) {
  Target& t = profile.target;
  std::vector<compiler::ProfileField> fields = compiler::fields_of(profile.compiler);
  fields.insert(fields.end(),
                {{"texel_reads", &t.texel_reads, "whether operands are read through texel buffers"},
                 {"octet_stores", &t.octet_stores, "whether eight elements are written at once"},
                 {"several_quads", &t.several_quads, "whether an invocation computes several quads"},
                 {"max_unrolled", &t.max_unrolled, "iterations of a loop that the driver may unroll"},
                 {"local_size", &t.local_size, "invocations of a workgroup", 8},
                 {"reduce_lanes", &t.reduce_lanes, "invocations that fold together", 1},
                 {"compute_units", &t.compute_units, "that run workgroups concurrently", 1},
                 {"busy_invocations", &t.busy_invocations, "invocations that keep a compute unit busy", 1},
                 {"max_group_quads", &t.max_group_quads, "contiguous quads that a workgroup computes", 32},
                 {"shared_bytes", &t.shared_bytes, "bytes of shared memory of a workgroup", 4096},
                 {"max_invocations", &t.max_invocations, "invocations of a workgroup that multiplies", 32},
                 {"persistent", &t.persistent, "whether small kernels share a dispatch"},
                 {"patience", &t.patience, "looks of a workgroup that waits in a shared dispatch", 1},
                 {"compile_devices", &profile.compile_devices, "further devices that compile"},
                 {"improve_after", &profile.improve_after,
                  "times as long as preparing it, a plan runs before it is compiled anew"}});
  return fields;
}

}  // namespace hekla::vulkan
