#include "backends/native/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "backends/device.h"
#include "graph/debug.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"
#include "shaders/shaders.h"

namespace hekla::native {

namespace {

std::string prelude(const Target& target) {
  return fmt::format("#define HK_VECTOR_BYTES {}\n", target.vector_bytes) +
         std::string(shader_text("native_prelude.inc")) + std::string(shader_text("native_matmul.inc"));
}

/// Kernels that are compiled together.
struct Group {
  Source source{.code = Code(backend::LineNames::strings), .labels = {}};
  std::vector<std::size_t> kernels = {};  // of the plan
  int next_text = 1;
  int work = 0;  // of compiling it, in kernels
};

std::string symbol_of(std::size_t kernel_of_group) { return fmt::format("hekla_k{}", kernel_of_group); }

void add(const Kernel& kernel, std::size_t number, const std::vector<Slot>& slots, const Target& target,
         Group& group) {
  Code& code = group.source.code;
  if (group.kernels.empty()) code += prelude(target);
  const std::size_t place = group.kernels.size();
  code += fmt::format("namespace hekla_kernels {{ namespace k{} {{\n", place);
  code += emit(kernel, slots, target, group.next_text).code;
  code += fmt::format(
      "}} }}\nextern \"C\" __attribute__((visibility(\"default\"))) void {}(void* const* m, const int* "
      "iterations, "
      "long first, long last, char* scratch) {{ hekla_kernels::k{}::run(m, iterations, first, last, "
      "scratch); }}\n",
      symbol_of(place), place);
  group.source.labels.push_back(kernel.label);
  group.kernels.push_back(number);
}

void check_custom(const CustomCall& call) {
  if (call.op->kernel->reference == nullptr) {
    throw Error(
        fmt::format("[{}] its kernel has no reference function, which the native device runs; give it one or "
                    "choose another "
                    "device.",
                    call.op->name));
  }
  if (debug_level() >= 1)
    fmt::print(stderr, "hekla: '{}' runs through its reference function, in one thread\n", call.op->name);
}

}  // namespace

NativeDevice::NativeDevice(const DeviceOptions& options)
    : fuse_(options.fuse && fusion_enabled()),
      profile_(profile_of_processor()),
      workplace_(std::make_shared<Workplace>(options.threads > 0 ? options.threads : default_threads())) {}

std::shared_ptr<Storage> NativeDevice::upload(const HostArray& elements, DType dtype,
                                              const std::string& label) {
  if (elements.count() > INT32_MAX) {
    throw Error(fmt::format("[upload] {} has {} elements; kernels count to {}.",
                            label.empty() ? "a tensor" : label, elements.count(), INT32_MAX));
  }
  const std::vector<std::byte> bytes = to_bytes(elements, dtype);
  const std::shared_ptr<Block> block =
      workplace_->pool->acquire(std::max<std::size_t>(bytes.size(), 4), label.empty() ? "data" : label);
  std::ranges::copy(bytes, block->data());
  return block;
}

HostArray NativeDevice::download(const Storage& storage, DType dtype, std::int64_t count) {
  const auto& block = static_cast<const Block&>(storage);
  const std::size_t bytes = static_cast<std::size_t>(count) * size_of(dtype);
  return from_bytes({block.data(), bytes}, dtype);
}

std::shared_ptr<Executable> NativeDevice::prepare(const Graph& graph) {
  static std::atomic<int> plans = 0;
  const int number = plans++;
  Plan plan = make_plan(graph, {.fuse = fuse_, .device = profile_.compiler});
  if (debug_level() >= 1) fmt::print(stderr, "hekla: plan {} on {}\n{}", number, name(), to_string(plan));
  std::vector<ReadyKernel> kernels = make_ready(plan);
  const std::string name = fmt::format("plan {}", number);
  auto executable = std::make_shared<NativeExecutable>(workplace_, std::move(plan), std::move(kernels));
  const std::shared_ptr<backend::Trace>& trace = backend::Trace::of_environment();
  if (debug_level() >= 2 || trace) executable->measure(name, this->name(), trace);
  return executable;
}

// The functions of a plan. Equal kernels share one, also with other plans in use.
std::vector<ReadyKernel> NativeDevice::make_ready(const Plan& plan) {
  std::vector<ReadyKernel> ready;
  std::vector<std::string> texts;
  for (const Kernel& kernel : plan.kernels) {
    if (const auto* call = std::get_if<CustomCall>(&kernel.form)) {
      check_custom(*call);
      ready.emplace_back().units = 1;
      texts.emplace_back();
      continue;
    }
    int text_number = 1;
    const Function function = emit(kernel, plan.slots, profile_.target, text_number);
    if (debug_level() >= 4)
      fmt::print(stderr, "hekla: kernel {}\n{}\n", function.label, function.code.text());
    ReadyKernel& one = ready.emplace_back();
    one.slots = function.slots;
    one.units = function.units;
    one.scratch_bytes = function.scratch_bytes;
    texts.push_back(function.code.text());
  }
  const std::map<std::string_view, Loaded> loaded = load(plan, texts);
  for (std::size_t k = 0; k < ready.size(); ++k) {
    if (!texts[k].empty()) ready[k].loaded = loaded.at(texts[k]);
  }
  return ready;
}

// The functions of these texts, of which an empty one has none. New ones are compiled, by as many processes as there are
// processors.
std::map<std::string_view, Loaded> NativeDevice::load(const Plan& plan,
                                                      const std::vector<std::string>& texts) {
  std::map<std::string_view, Loaded> loaded;
  std::vector<std::size_t> missing;
  for (std::size_t k = 0; k < texts.size(); ++k) {
    if (texts[k].empty()) continue;
    const auto [entry, is_new] = loaded.try_emplace(texts[k]);
    if (!is_new) continue;
    const auto known = known_.find(texts[k]);
    if (known != known_.end()) entry->second = {known->second.module.lock(), known->second.function};
    if (!entry->second.module) missing.push_back(k);
  }
  if (missing.empty()) return loaded;
  // A compiler takes longer to begin than a few kernels take.
  constexpr std::size_t fewest = 3;
  std::vector<Group> groups(
      std::clamp<std::size_t>(missing.size() / fewest, 1, static_cast<std::size_t>(processors())));
  const auto work_of = [&](std::size_t k) {
    constexpr int of_product = 4;  // measured with GCC 12, against other kernels
    return std::holds_alternative<MatmulKernel>(plan.kernels[k].form) ? of_product : 1;
  };
  std::ranges::stable_sort(missing, std::greater<>(), work_of);
  for (const std::size_t k : missing) {
    Group& least = *std::ranges::min_element(groups, {}, &Group::work);
    add(plan.kernels[k], k, plan.slots, profile_.target, least);
    least.work += work_of(k);
  }
  std::vector<Source> sources;
  for (Group& group : groups) sources.push_back(std::move(group.source));
  const std::vector<std::shared_ptr<Module>> modules = compile(sources);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t f = 0; f < groups[g].kernels.size(); ++f) {
      const std::string& text = texts[groups[g].kernels[f]];
      const auto function = reinterpret_cast<KernelFunction>(modules[g]->symbol(symbol_of(f)));
      loaded[text] = {modules[g], function};
      known_[text] = {modules[g], function};
    }
  }
  std::erase_if(known_, [](const auto& entry) { return entry.second.module.expired(); });
  return loaded;
}

}  // namespace hekla::native

namespace hekla {

std::shared_ptr<Evaluator> open_native_device() {
  // Operations are static objects, which other threads may use while the process ends.
  [[maybe_unused]] static const int registered = std::atexit([] {
    if (stop_other_threads(std::chrono::seconds(60))) set_default_device(nullptr);
  });
  return std::make_shared<native::NativeDevice>();
}

}  // namespace hekla
