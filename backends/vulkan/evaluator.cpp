// VulkanDevice: compiles plans to Vulkan kernels and transfers elements.
#include "backends/vulkan/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "backends/device.h"
#include "backends/vulkan/at_exit.h"
#include "backends/vulkan/cache_file.h"
#include "backends/vulkan/compiler.h"
#include "backends/vulkan/dump.h"
#include "backends/vulkan/emit_plan.h"
#include "backends/vulkan/exact.h"
#include "backends/vulkan/executable.h"
#include "backends/vulkan/switches.h"
#include "graph/debug.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

namespace {

// The name of a plan: a number for reference and a hint of what it computes.
std::string name_of(int number, const Plan& plan) {
  if (plan.kernels.empty()) return fmt::format("plan {}", number);
  const std::size_t more = plan.kernels.size() - 1;
  return fmt::format("plan {} ('{}'{})", number, plan.kernels[0].label,
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

// Creates one pipeline per kernel. Equal kernels share a pipeline, also with earlier versions of the plan.
std::vector<std::shared_ptr<Pipeline>> make_pipelines(const std::shared_ptr<Context>& context,
                                                      const Target& target,
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
      std::vector<std::uint32_t> words = compile_glsl(emitted.glsl, emitted.label, emitted.source_map);
      if (target.exact_arithmetic) words = with_exact_arithmetic(words);
      pipeline =
          make_pipeline(context, words, kinds, emitted.label, emitted.loops > 0 ? sizeof(Iterations) : 0);
    }
    pipelines.push_back(pipeline);
  }
  return pipelines;
}

}  // namespace

VulkanDevice::VulkanDevice(std::shared_ptr<Context> context, const DeviceOptions& options)
    : context_(std::move(context)),
      pool_(BufferPool::make(context_, options.max_memory)),
      working_memory_(std::make_shared<WorkingMemory>(pool_)),
      fuse_(options.fuse && fusion_enabled()),
      profile_(profile_of(*context_)),
      trace_(options.trace ? options.trace : Trace::of_environment()) {
  if (options.adjust) {
    options.adjust(profile_);
    keep_within(profile_, *context_);
  }
  if (debug_level() >= 1) {
    fmt::print(stderr, "hekla: profile of {}: {}\n{}", name(), profile_.name, to_string(fields_of(profile_)));
  }
  const std::optional<TuneOptions> tune =
      options.tune ? options.tune : TuneOptions::from(tune_choice(), context_->cache_folder);
  if (tune) tuner_ = std::make_unique<Tuner>(pool_, profile_.target, *tune);
  pool_->when_full([this] {
    working_memory_->give_up();
    forget_compiled();
  });
}

// Resets the callback, because tensors may keep the pool alive longer than the device.
VulkanDevice::~VulkanDevice() { pool_->when_full(nullptr); }

std::shared_ptr<Storage> VulkanDevice::upload(const HostArray& elements, DType dtype,
                                              const std::string& label) {
  context_->check_usable();
  if (elements.count() > INT32_MAX) {
    throw Error(fmt::format("[upload] {} has {} elements; kernels count to {}.",
                            label.empty() ? "a tensor" : label, elements.count(), INT32_MAX));
  }
  const std::vector<std::byte> bytes = to_bytes(elements, dtype);
  const std::shared_ptr<Buffer> buffer =
      pool_->acquire(std::max<std::size_t>(bytes.size(), 4), label.empty() ? "data" : label);
  if (!bytes.empty()) vulkan::upload(*buffer, bytes);
  return std::make_shared<VulkanStorage>(buffer);
}

HostArray VulkanDevice::download(const Storage& storage, DType dtype, std::int64_t count) {
  context_->check_usable();
  HostArray elements(host_format(dtype), count);
  if (count == 0) return elements;
  Buffer& buffer = static_cast<const VulkanStorage&>(storage).buffer();
  if (dtype != DType::f16 && dtype != DType::bf16) {
    vulkan::download(buffer, elements.bytes());
    return elements;
  }
  std::vector<std::byte> halves(static_cast<std::size_t>(count) * size_of(dtype));
  vulkan::download(buffer, halves);
  return from_bytes(halves, dtype);
}

std::shared_ptr<Executable> VulkanDevice::prepare(const Graph& graph) {
  context_->check_usable();
  const auto start = VulkanExecutable::Clock::now();
  static std::atomic<int> plans = 0;
  const int number = plans++;
  CompiledPlan compiled{.name = {},
                        .plan = make_plan(graph, {.fuse = fuse_, .device = profile_.compiler}),
                        .kernels = {},
                        .pipelines = {}};
  compiled.name = name_of(number, compiled.plan);
  if (debug_level() >= 1) {
    fmt::print(stderr, "hekla: {} on {}\n{}", compiled.name, name(), to_string(compiled.plan));
  }
  std::vector<std::optional<MatmulTiles>> tiles;
  for (const Kernel& kernel : compiled.plan.kernels) {
    tiles.emplace_back();
    // The tuner times a product over memory in which each slot has its own buffer.
    const auto* product = std::get_if<MatmulKernel>(&kernel.form);
    if (tuner_ && product != nullptr && !kernel.arena_as_one && kernel.loops == 0 &&
        family_for(profile_.target, product->factor_dtype).candidates != nullptr)
      tiles.back() = tuner_->tiles_for(kernel, compiled.plan.slots);
  }
  const auto build = [context = context_, tiles](CompiledPlan& plan, const Target& target) {
    std::vector<EmittedKernel> kernels = emit_plan(plan.plan, target, tiles);
    plan.pipelines = make_pipelines(context, target, kernels, plan);
    plan.kernels = std::move(kernels);
    if (debug_level() >= 1 && plan.kernels.size() < plan.plan.kernels.size()) {
      fmt::print(stderr, "hekla: {} kernels of {} in {} dispatch{}\n", plan.plan.kernels.size(), plan.name,
                 plan.kernels.size(), plan.kernels.size() == 1 ? "" : "es");
    }
  };
  const bool is_measured = debug_level() >= 2 || trace_;
  Target usual = profile_.target;
  // Kernels that are measured do not share a dispatch, because timestamps are taken between dispatches.
  if (is_measured) usual.persistent = false;
  const bool improves = profile_.improve_after > 0 && !is_measured;
  build(compiled, improves ? for_few_runs(usual) : usual);
  if (!dump_folder().empty()) dump(graph, compiled, number);
  auto executable = std::make_shared<VulkanExecutable>(pool_, working_memory_, std::move(compiled),
                                                       profile_.pipeline_bytes, trace_);
  if (improves) {
    executable->improve_later(profile_.improve_after, start,
                              [build, usual](CompiledPlan& plan) { build(plan, usual); });
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
