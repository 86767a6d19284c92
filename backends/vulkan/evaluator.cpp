// The Vulkan device: choosing kernel forms, compiling plans, moving elements.
#include "backends/vulkan/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <map>
#include <thread>

#include "backends/device.h"
#include "backends/vulkan/at_exit.h"
#include "backends/vulkan/cache_file.h"
#include "backends/vulkan/compiler.h"
#include "backends/vulkan/dump.h"
#include "backends/vulkan/exact.h"
#include "backends/vulkan/executable.h"
#include "backends/vulkan/persistent.h"
#include "graph/debug.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

namespace {

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

// Elements as the device stores them.
std::vector<std::byte> to_device(const HostArray& elements, DType dtype) {
  switch (dtype) {
    case DType::f32:
      return bytes_of(elements.to<float>());
    case DType::i32:
      return bytes_of(elements.to<std::int32_t>());
    case DType::u32:
    case DType::boolean:
      return bytes_of(elements.to<std::uint32_t>());
    case DType::u8:
      return bytes_of(elements.to<std::uint8_t>());
    case DType::f16:
    case DType::bf16: {
      std::vector<std::uint16_t> halves(static_cast<std::size_t>(elements.count()));
      for (std::size_t i = 0; i < halves.size(); ++i)
        halves[i] = half_bits(convert(elements.at(static_cast<std::int64_t>(i)), dtype), dtype);
      return bytes_of(halves);
    }
  }
  return {};
}

// Of an array as long as the elements on the device; halves are read into f32.
HostArray::Format format_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      return HostArray::Format::f32;
    case DType::i32:
      return HostArray::Format::i32;
    case DType::u32:
    case DType::boolean:
      return HostArray::Format::u32;
    case DType::u8:
      return HostArray::Format::u8;
  }
  return HostArray::Format::f32;
}

// A number to find it by, and a hint of what it computes.
std::string name_of(int number, const Plan& plan) {
  if (plan.kernels.empty()) return fmt::format("plan {}", number);
  const std::size_t more = plan.kernels.size() - 1;
  return fmt::format("plan {} ('{}'{})", number, plan.kernels[0].label,
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

// llvmpipe stores lane by lane: on an AMD EPYC 64-bit words took 0.8 to 0.9 of the time of elements, on an
// Intel Xeon 1.2 to 1.4 (docs/performance.md).
bool likes_long_words() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_is("amd") != 0;
#else
  return false;
#endif
}

// One for each kernel; equal ones share, also with those that the plan has had so far.
std::vector<std::shared_ptr<Pipeline>> make_pipelines(const std::shared_ptr<Context>& context,
                                                      const std::vector<EmittedKernel>& kernels,
                                                      const CompiledPlan& plan) {
  std::map<std::string, std::shared_ptr<Pipeline>> by_source;
  for (std::size_t k = 0; k < plan.kernels.size(); ++k) by_source[plan.kernels[k].glsl] = plan.pipelines[k];
  std::vector<std::shared_ptr<Pipeline>> pipelines;
  for (const EmittedKernel& emitted : kernels) {
    stop_if_process_ends();
    if (debug_level() >= 4) fmt::print(stderr, "hekla: kernel {}\n{}\n", emitted.label, emitted.glsl);
    std::shared_ptr<Pipeline>& pipeline = by_source[emitted.glsl];
    if (!pipeline) {
      std::vector<BindingKind> kinds;
      for (const EmittedBinding& binding : emitted.bindings) kinds.push_back(binding.kind);
      std::vector<std::uint32_t> words = compile_glsl(emitted.glsl, emitted.label);
      if (context->is_software) words = with_exact_arithmetic(words);
      pipeline = make_pipeline(context, words, kinds, emitted.label);
    }
    pipelines.push_back(pipeline);
  }
  return pipelines;
}

FuseOptions fuse_options(const Target& target, bool fuse) {
  FuseOptions options;
  options.bindings.most = static_cast<int>(target.most_buffers);
  options.enabled = fuse && fusion_enabled();
  // A dependent dispatch takes about 30 us on llvmpipe and 5 us on a GPU; the work is what they do in that
  // time.
  options.dispatch_work = target.reduce_lanes == 1 ? 500'000 : 20'000'000;
  return options;
}

}  // namespace

Target choose_target(const Context& context, const DeviceOptions& options) {
  Target target;
  target.texel_reads = options.texel_reads.value_or(context.is_llvmpipe && context.mesa_major < 25);
  target.octet_stores =
      options.octet_stores.value_or(context.is_llvmpipe && context.mesa_major < 25 && likes_long_words()) &&
      context.shader_int64 && context.scalar_block_layout;
  target.several_quads = context.is_software;
  target.most_texels = context.limits.maxTexelBufferElements;
  const bool can_shuffle = context.subgroup_operations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
  target.matmul =
      options.matmul.value_or(choose_family(context.is_software, context.subgroup_size, can_shuffle));
  target.tiles = options.tiles;
  // Workgroups are rows of invocations.
  const std::uint32_t invocations =
      std::min(context.limits.maxComputeWorkGroupInvocations, context.limits.maxComputeWorkGroupSize[0]);
  target.local_size = std::bit_floor(std::min(256u, invocations));
  // Each lane of a workgroup that folds keeps a quad in shared memory.
  constexpr std::uint32_t bytes_of_lane = 16;
  target.local_size =
      std::min(target.local_size, std::bit_floor(context.limits.maxComputeSharedMemorySize / bytes_of_lane));
  target.reduce_lanes =
      std::min(options.reduce_lanes.value_or(context.is_software ? 1 : 256), target.local_size);
  if (context.subgroup_operations & VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT && context.subgroup_size_fixed &&
      context.subgroup_size <= target.local_size)
    target.fold_subgroup = context.subgroup_size;
  // Software devices run a workgroup on one thread; where a GPU does not tell, a guess will do.
  constexpr std::uint32_t usual_units = 64;
  target.units = context.is_software  ? std::max(1u, std::thread::hardware_concurrency())
                 : context.units != 0 ? context.units
                                      : usual_units;
  target.keep_nan = context.keeps_nan;
  // gallivm, whatever it was asked: lp_build_mul and lp_build_div.
  target.hide_zeros = context.is_llvmpipe;
  target.own_special_values = context.is_swiftshader;
  target.tile_limits = {.units = target.units,
                        .shared_bytes = context.limits.maxComputeSharedMemorySize,
                        .invocations = invocations,
                        .subgroup_size = context.subgroup_size};
  target.persistent = options.persistent.value_or(context.is_llvmpipe && persistent_wanted()) &&
                      target.matmul == MatmulFamily::shuffle && target.reduce_lanes == 1;
  target.patience = options.patience.value_or(target.patience);
  target.most_buffers = std::min(
      {context.limits.maxPerStageDescriptorStorageBuffers, context.limits.maxDescriptorSetStorageBuffers,
       context.limits.maxPerStageResources, options.most_buffers.value_or(UINT32_MAX)});
  target.most_texel_buffers = std::min({context.limits.maxPerStageDescriptorStorageImages,
                                        context.limits.maxDescriptorSetStorageImages,
                                        context.limits.maxPerStageResources - target.most_buffers});
  const bool wanted = matrix_units_wanted() < 0 ? !context.is_software : matrix_units_wanted() == 1;
  if (options.matrix_units.value_or(wanted)) target.matrix_units = context.matrix_units;
  return target;
}

VulkanDevice::VulkanDevice(std::shared_ptr<Context> context, const DeviceOptions& options)
    : context_(std::move(context)),
      pool_(BufferPool::make(context_, options.most_memory)),
      working_memory_(std::make_shared<WorkingMemory>(pool_)),
      target_(choose_target(*context_, options)),
      persistent_after_(options.persistent_after),
      trace_(options.trace ? options.trace : Trace::of_environment()) {
  const std::optional<TuneOptions> tune =
      options.tune ? options.tune : TuneOptions::from(tune_choice(), context_->cache_folder);
  if (tune) tuner_ = std::make_unique<Tuner>(pool_, target_, *tune);
  plan_options_.fuse = fuse_options(target_, options.fuse);
  plan_options_.fuse.bindings.most_bytes = context_->limits.maxStorageBufferRange;
  // Half of the units busy with tiles of 64 x 64.
  plan_options_.loops.enough_product_outputs = options.enough_product_outputs.value_or(
      context_->is_software ? 0 : std::int64_t{64 * 64} * target_.units / 2);
  plan_options_.fuse.most_bytes = plan_options_.loops.most_bytes =
      options.most_bytes.value_or(context_->limits.maxStorageBufferRange);
  plan_options_.alignment =
      std::max<std::int64_t>(256, static_cast<std::int64_t>(context_->offset_alignment));
  pool_->when_full([this] {
    working_memory_->give_up();
    forget_compiled();
  });
}

// Tensors may keep the pool for longer.
VulkanDevice::~VulkanDevice() { pool_->when_full(nullptr); }

std::shared_ptr<Storage> VulkanDevice::upload(const HostArray& elements, DType dtype,
                                              const std::string& label) {
  context_->check_usable();
  if (elements.count() > INT32_MAX) {
    throw Error(fmt::format("[upload] {} has {} elements; kernels count to {}.",
                            label.empty() ? "a tensor" : label, elements.count(), INT32_MAX));
  }
  const std::vector<std::byte> bytes = to_device(elements, dtype);
  const std::shared_ptr<Buffer> buffer =
      pool_->acquire(std::max<std::size_t>(bytes.size(), 4), label.empty() ? "data" : label);
  if (!bytes.empty()) vulkan::upload(*buffer, bytes);
  return std::make_shared<VulkanStorage>(buffer);
}

HostArray VulkanDevice::download(const Storage& storage, DType dtype, std::int64_t count) {
  context_->check_usable();
  HostArray elements(format_of(dtype), count);
  if (count == 0) return elements;
  Buffer& buffer = static_cast<const VulkanStorage&>(storage).buffer();
  if (dtype != DType::f16 && dtype != DType::bf16) {
    vulkan::download(buffer, elements.bytes());
    return elements;
  }
  std::vector<std::uint16_t> halves(static_cast<std::size_t>(count));
  vulkan::download(buffer, std::as_writable_bytes(std::span(halves)));
  for (std::int64_t i = 0; i < count; ++i)
    elements.set(i, from_half_bits(halves[static_cast<std::size_t>(i)], dtype));
  return elements;
}

std::shared_ptr<Executable> VulkanDevice::prepare(const Graph& graph) {
  context_->check_usable();
  static std::atomic<int> plans = 0;
  const int number = plans++;
  CompiledPlan compiled{.name = {}, .plan = make_plan(graph, plan_options_), .kernels = {}, .pipelines = {}};
  compiled.name = name_of(number, compiled.plan);
  if (debug_level() >= 1) {
    fmt::print(stderr, "hekla: {} on {}\n{}", compiled.name, name(), to_string(compiled.plan));
  }
  std::vector<std::optional<MatmulTiles>> tiles;
  for (const Kernel& kernel : compiled.plan.kernels) {
    tiles.emplace_back();
    // Its tiles are timed over memory in which each slot lies by itself.
    if (tuner_ && kernel.form == Form::matmul && !kernel.arena_as_one &&
        target_.matrix_units.of(kernel.factor_dtype).rows == 0)
      tiles.back() = tuner_->tiles_for(kernel, compiled.plan.slots);
  }
  // Measured are kernels, each in a dispatch of its own.
  const bool may_join = target_.persistent && debug_level() < 2 && !trace_;
  const auto build = [context = context_, usual = target_, tiles](CompiledPlan& plan, bool persistent) {
    Target target = usual;
    target.persistent = persistent;
    std::vector<EmittedKernel> kernels = emit_plan(plan.plan, target, tiles);
    plan.pipelines = make_pipelines(context, kernels, plan);
    plan.kernels = std::move(kernels);
    if (debug_level() >= 1 && plan.kernels.size() < plan.plan.kernels.size()) {
      fmt::print(stderr, "hekla: {} kernels of {} in {} dispatch{}\n", plan.plan.kernels.size(), plan.name,
                 plan.kernels.size(), plan.kernels.size() == 1 ? "" : "es");
    }
  };
  const bool at_once = may_join && persistent_after_ == 0;
  build(compiled, at_once);
  if (!dump_folder().empty()) dump(graph, compiled, number);
  auto executable = std::make_shared<VulkanExecutable>(pool_, working_memory_, std::move(compiled), trace_);
  if (may_join && !at_once) {
    executable->improve_after(persistent_after_, [build](CompiledPlan& plan) { build(plan, true); });
  }
  note_growth_of_driver();
  return executable;
}

}  // namespace hekla::vulkan

namespace hekla {

std::shared_ptr<Evaluator> open_hardware_device(const std::string& selector) {
  const RuntimeLock lock;
  vulkan::ContextOptions options;
  options.cache_folder = vulkan::default_cache_folder();
  return std::make_shared<vulkan::VulkanDevice>(vulkan::open_context(selector, options));
}

std::string describe_hardware_devices(const std::string& selector) {
  return vulkan::describe(vulkan::list_devices(selector));
}

}  // namespace hekla
