// Persistent workgroups.
#include "backends/vulkan/persistent.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "backends/vulkan/emitter.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

// The workgroup size: one subgroup on the devices that matmul_shuffle.comp supports.
constexpr std::uint32_t lanes = 8;
// Budgets of loop iterations: llvmpipe allows 65,535 for all loops of an invocation. They are split into the
// work of all kernels, of one kernel, and waiting. A kernel above its budget is so long that a separate
// dispatch does not matter.
constexpr std::int64_t most_work = 32'000;
constexpr std::int64_t most_work_of_kernel = 8'000;
constexpr std::int64_t most_waiting = 28'000;
static_assert(most_work + most_waiting < 65'000);
// Limits the kernels per shader: the driver compiles one long shader more slowly than its parts.
constexpr std::size_t most_kernels = 16;
// The most threads that llvmpipe of Mesa 22 creates; more workgroups would only contend for the atomic counters.
constexpr std::uint32_t most_units = 16;
static_assert((2 + most_kernels) * sizeof(std::uint32_t) <= progress_bytes);

// Consecutive kernels of a plan that fit one invocation, which may have to compute all of them.
class Run {
 public:
  explicit Run(const Target& target) : target_(target) {}

  /// Adds a kernel if it fits; `alone` is the kernel emitted by itself, in workgroups of `lanes`.
  bool take(const Kernel& kernel, const EmittedKernel& alone) {
    const auto* product = std::get_if<MatmulKernel>(&kernel.form);
    if (kernel.arena_as_one || std::holds_alternative<CustomCall>(kernel.form) ||
        (product != nullptr && !family_for(target_, product->factor_dtype).shares_dispatch))
      return false;
    // The iterations of the loops of its groups, and of the loop over groups.
    const auto work = static_cast<std::int64_t>(alone.workgroups) * (2 + kernel.iterations());
    std::uint32_t buffers = buffers_, texel_buffers = texel_buffers_;
    for (const EmittedBinding& binding : alone.bindings)
      ++(binding.kind == BindingKind::storage_buffer ? buffers : texel_buffers);
    if (work == 0 || work > most_work_of_kernel || work_ + work > most_work || kernels_ == most_kernels ||
        buffers > target_.max_buffers || texel_buffers > target_.max_texel_buffers)
      return false;
    ++kernels_;
    work_ += work;
    buffers_ = buffers;
    texel_buffers_ = texel_buffers;
    return true;
  }

  std::size_t kernels() const { return kernels_; }

 private:
  const Target& target_;
  std::size_t kernels_ = 0;
  std::int64_t work_ = 0;
  std::uint32_t buffers_ = 1, texel_buffers_ = 0;  // one is the progress counter
};

std::set<int> written_by(std::span<const Kernel> kernels) {
  std::set<int> written;
  for (const Kernel& kernel : kernels) {
    for (const Store& store : kernel.stores) written.insert(store.slot);
  }
  return written;
}

// Emits the shader of several kernels.
class Joiner {
 public:
  Joiner(std::span<const Kernel> kernels, const Target& target)
      : kernels_(kernels), target_(target), interface_(written_by(kernels)) {}

  /// Adds the next kernel; `waits`: it waits until the earlier ones are finished.
  void add(const std::vector<Slot>& slots, const std::optional<MatmulTiles>& tiles, bool waits) {
    const std::size_t number = added_++;
    const Kernel& kernel = kernels_[number];
    interface_.next_kernel();
    const std::string prefix = fmt::format("k{}_", number);
    const KernelText text = Emitter(kernel, slots, target_, tiles, interface_, prefix).run();
    extensions_.insert(text.extensions);
    code_ += text.code;
    code_ += "\n";
    if (waits && number > 0) {
      steps_ += fmt::format("  in_time = in_time && wait_for({}u);\n", pieces_);
      ++waits_;
    }
    // Work distribution: with many groups each unit gets one contiguous piece. If processors write
    // alternately into contiguous memory, hardware prefetching of one takes cache lines away from the others.
    // Few groups are claimed one by one, so that no unit waits for a unit that starts late.
    constexpr std::uint64_t few = 8;
    const std::uint64_t piece = text.groups < few * target_.compute_units
                                    ? 1
                                    : (text.groups + target_.compute_units - 1) / target_.compute_units;
    const std::uint64_t pieces = (text.groups + piece - 1) / piece;
    steps_ += fmt::format(
        "  for (uint piece = in_time ? claim({0}u) : {1}u; piece < {1}u; piece = claim({0}u)) {{\n", number,
        pieces);
    steps_ += piece == 1 ? fmt::format("    {}run(piece);\n", prefix)
                         : fmt::format(
                               "    uint end = min(piece * {0}u + {0}u, {1}u);\n"
                               "    for (uint group = piece * {0}u; group < end; ++group) {2}run(group);\n",
                               piece, text.groups, prefix);
    steps_ += "    finish();\n  }\n";
    pieces_ += pieces;
  }

  EmittedKernel joined() {
    std::string label, extensions;
    for (const Kernel& kernel : kernels_) label += (label.empty() ? "" : ", ") + kernel.label;
    for (const std::string& extension : extensions_) extensions += extension;
    const std::size_t progress =
        interface_.bind({progress_slot, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED}, "progress").number;
    const std::int64_t turns =
        std::min<std::int64_t>(target_.patience, most_waiting / std::max<std::int64_t>(1, waits_));
    const std::string defines = fmt::format("#define KERNELS {}u\n#define TURNS {}u\n#define PROGRESS {}\n\n",
                                            kernels_.size(), turns, progress);
    const std::string main = fmt::format(
        "layout(local_size_x = {}) in;\n\nvoid main() {{\n  bool in_time = true;\n{}  leave();\n}}\n", lanes,
        steps_);
    Code code;
    const int loops = kernels_.front().loops;
    code += head_of(extensions, target_, loops) + interface_.declarations() + "\n";
    code += library_of(kernels_);
    code += code_;
    code += defines + std::string(shader_text("persistent.comp")) + "\n" + main;
    return {.label = label,
            .glsl = code.text(),
            .bindings = interface_.bindings(),
            .workgroups = target_.compute_units,
            .kernels = kernels_.size(),
            .source_map = code.map(),
            .loops = loops};
  }

 private:
  std::span<const Kernel> kernels_;
  const Target& target_;
  ShaderInterface interface_;
  std::set<std::string> extensions_ = {"#extension GL_KHR_shader_subgroup_shuffle : require\n"};
  Code code_;
  std::string steps_;
  std::size_t added_ = 0;
  std::uint64_t pieces_ = 0;
  std::int64_t waits_ = 0;
};

// The target with which the kernels of one shared dispatch are emitted.
Target together(const Target& target) {
  Target result = target;
  result.local_size = lanes;
  result.compute_units = std::min(target.compute_units, most_units);
  return result;
}

}  // namespace

std::size_t kernels_that_join(const Plan& plan, std::size_t first, const Target& target, Tiles tiles) {
  if (!target.persistent) return 0;
  const Target joined = together(target);
  Run run(target);
  // Kernels of one iteration share a dispatch, which is repeated as they are.
  const auto begins_or_ends_loop = [&](std::size_t k) {
    return std::ranges::any_of(plan.loops,
                               [&](const Repeated& loop) { return loop.first == k || loop.end == k; });
  };
  for (std::size_t next = first; next < plan.kernels.size(); ++next) {
    if (next > first && begins_or_ends_loop(next)) break;
    if (!run.take(plan.kernels[next], emit(plan.kernels[next], plan.slots, joined, tiles[next]))) break;
  }
  return run.kernels();
}

EmittedKernel join(const Plan& plan, std::size_t first, std::size_t count, const Target& target,
                   Tiles tiles) {
  const Target joined = together(target);
  Joiner joiner(std::span(plan.kernels).subspan(first, count), joined);
  for (std::size_t k = first; k < first + count; ++k)
    joiner.add(plan.slots, tiles[k], plan.barrier_before[k]);
  return joiner.joined();
}

}  // namespace hekla::vulkan
