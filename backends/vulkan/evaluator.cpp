// VulkanDevice: compiles plans to Vulkan kernels and transfers elements.
#include "backends/vulkan/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "backends/common/cache_file.h"
#include "backends/device.h"
#include "backends/vulkan/at_exit.h"
#include "backends/vulkan/dump.h"
#include "backends/vulkan/emit_plan.h"
#include "backends/vulkan/executable.h"
#include "backends/vulkan/parallel.h"
#include "backends/vulkan/switches.h"
#include "graph/debug.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/compile_notice.h"
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

// Gives a plan these kernels and creates a pipeline for each. Equal kernels share one, also with those that the plan had.
void make_pipelines(const std::shared_ptr<Context>& context, const Target& target,
                    std::vector<EmittedKernel> kernels, CompiledPlan& plan) {
  std::map<std::string_view, std::shared_ptr<Pipeline>> by_source;
  const std::vector<EmittedKernel> earlier = std::exchange(plan.kernels, std::move(kernels));
  for (std::size_t k = 0; k < earlier.size(); ++k) by_source[earlier[k].glsl] = plan.pipelines[k];
  struct New {
    std::size_t kernel;
    std::shared_ptr<Pipeline> pipeline = {};
    std::vector<std::uint32_t> spirv = {};
    bool was_cached = false;
  };
  std::vector<New> all_new;
  for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
    const EmittedKernel& emitted = plan.kernels[k];
    if (debug_level() >= 4) fmt::print(stderr, "hekla: kernel {}\n{}\n", emitted.label, emitted.glsl);
    if (by_source.try_emplace(emitted.glsl).second) all_new.push_back({k});
  }
  parallel_for(all_new.size(), [&](std::size_t i) {
    New& one = all_new[i];
    const EmittedKernel& emitted = plan.kernels[one.kernel];
    std::vector<BindingKind> kinds;
    for (const EmittedBinding& binding : emitted.bindings) kinds.push_back(binding.kind);
    one.spirv = compile(emitted, target, &one.was_cached);
    one.pipeline =
        make_pipeline(context, one.spirv, kinds, emitted.label, emitted.loops > 0 ? sizeof(Iterations) : 0);
  });
  stop_if_process_ends();
  plan.new_spirv.clear();
  for (New& one : all_new) {
    by_source[plan.kernels[one.kernel].glsl] = one.pipeline;
    if (!one.was_cached) plan.new_spirv[one.kernel] = std::move(one.spirv);
  }
  plan.pipelines.clear();
  for (const EmittedKernel& emitted : plan.kernels) plan.pipelines.push_back(by_source.at(emitted.glsl));
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
  if (profile_.compile_devices > 0)
    compile_ahead_ = std::make_shared<CompileAhead>(context_, profile_.compile_devices);
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

std::vector<std::optional<MatmulTiles>> VulkanDevice::tiles_for(const Plan& plan) {
  std::vector<std::optional<MatmulTiles>> tiles;
  for (const Kernel& kernel : plan.kernels) {
    tiles.emplace_back();
    // The tuner times a product over memory in which each slot has its own buffer.
    const auto* product = std::get_if<MatmulKernel>(&kernel.form);
    if (tuner_ && product != nullptr && !kernel.arena_as_one && kernel.loops == 0 &&
        family_for(profile_.target, product->factor_dtype).candidates != nullptr)
      tiles.back() = tuner_->tiles_for(kernel, plan.slots);
  }
  return tiles;
}

std::shared_ptr<Executable> VulkanDevice::prepare(const Graph& graph) {
  context_->check_usable();
  const auto start = VulkanExecutable::Clock::now();
  static std::atomic<int> plans = 0;
  const int number = plans++;
  CompiledPlan compiled{.name = {}, .plan = make_plan(graph, planning()), .kernels = {}, .pipelines = {}};
  compiled.name = name_of(number, compiled.plan);
  if (debug_level() >= 1) {
    fmt::print(stderr, "hekla: {} on {}\n{}", compiled.name, name(), to_string(compiled.plan));
  }
  const auto build = [context = context_, tiles = tiles_for(compiled.plan)](CompiledPlan& plan,
                                                                            const Target& target) {
    std::vector<EmittedKernel> kernels = emit_plan(plan.plan, target, tiles);
    make_pipelines(context, target, std::move(kernels), plan);
    if (debug_level() >= 1) {
      const std::set<std::shared_ptr<Pipeline>> different(plan.pipelines.begin(), plan.pipelines.end());
      fmt::print(stderr, "hekla: {}: {} kernels in {} dispatch{} of {} different shader{}\n", plan.name,
                 plan.plan.kernels.size(), plan.kernels.size(), plan.kernels.size() == 1 ? "" : "es",
                 different.size(), different.size() == 1 ? "" : "s");
    }
  };
  const bool is_measured = debug_level() >= 2 || trace_;
  Target usual = profile_.target;
  // Kernels that are measured do not share a dispatch, because timestamps are taken between dispatches.
  if (is_measured) usual.persistent = false;
  const bool improves = profile_.improve_after > 0 && !is_measured;
  build(compiled, improves ? for_few_runs(usual) : usual);
  note_compiling(compiled.new_spirv.size());
  if (!dump_folder().empty()) dump(graph, compiled, number);
  auto executable = std::make_shared<VulkanExecutable>(pool_, working_memory_, std::move(compiled),
                                                       profile_.pipeline_bytes, trace_, compile_ahead_);
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
