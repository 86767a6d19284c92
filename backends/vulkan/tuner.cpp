// Tile timing. A kernel runs over scratch memory of zeros, because its time does not depend on the numbers.
#include "backends/vulkan/tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "backends/common/cache_file.h"
#include "backends/vulkan/compiler.h"
#include "backends/vulkan/recording.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double default_budget = 10;
// The threshold: a candidate must beat the shipped tiles by this factor, else noise would decide.
constexpr double worth_it = 0.97;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string to_text(const MatmulTiles& tiles) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {}", tiles.family->name, tiles.rows, tiles.columns,
                     tiles.depth, tiles.thread_rows, tiles.thread_columns, tiles.slices, tiles.unit.rows,
                     tiles.unit.columns, tiles.unit.depth, tiles.lanes);
}

// Scratch memory: one buffer for each slot that a kernel accesses.
struct Scratch {
  Scratch(BufferPool& pool, const Kernel& kernel, std::vector<Slot> all) : slots(std::move(all)) {
    buffers.resize(slots.size());
    const auto add = [&](int number) {
      const auto slot = static_cast<std::size_t>(number);
      if (buffers[slot]) return;
      slots[slot].offset = 0;
      const std::vector<std::byte> zeros(
          static_cast<std::size_t>(std::max<std::int64_t>(slots[slot].bytes(), 4)));
      held.push_back(pool.acquire(zeros.size(), "tuning"));
      upload(*held.back(), zeros);
      buffers[slot] = held.back().get();
    };
    for (const int slot : kernel.operands) add(slot);
    for (const Store& store : kernel.stores) add(store.slot);
  }
  std::vector<Slot> slots;
  std::vector<std::shared_ptr<Buffer>> held;
  SlotBuffers buffers;
};

// The time of one run in seconds: the best of a few submissions that are long enough for the clock.
double time_of(Context& context, Recording& recording) {
  const auto time = [&](int times) {
    const Clock::time_point start = Clock::now();
    context.submissions.wait(recording.submit(times));
    return seconds_since(start) / times;
  };
  time(1);
  const double once = time(1);
  if (once > 0.1) return once;
  const int times = std::clamp(static_cast<int>(0.004 / once), 1, 1000);
  double best = once;
  for (int i = 0; i < 4; ++i) best = std::min(best, time(times));
  return best;
}

}  // namespace

std::optional<TuneOptions> TuneOptions::from(const std::string& text,
                                             const std::filesystem::path& cache_folder) {
  if (text.empty() || text == "0") return std::nullopt;
  if (text != "1") return TuneOptions{.folder = text};
  return TuneOptions{.folder = cache_folder.empty() ? cache_folder : cache_folder / "tuned",
                     .seconds = default_budget};
}

Tuner::Tuner(std::shared_ptr<BufferPool> pool, const Target& target, TuneOptions options)
    : pool_(std::move(pool)), target_(target), options_(std::move(options)) {}

std::string Tuner::name_of(const Kernel& kernel, const std::vector<Slot>& slots) const {
  const Context& context = pool_->context();
  return hash_text(fmt::format("{}\n{}\n{}\n{}\n{}", context.name, context.driver_info,
                               context.driver_version, target_.compute_units,
                               emit(kernel, slots, target_).glsl))
      .hex();
}

std::vector<MatmulTiles> Tuner::candidates_for(const Kernel& kernel) const {
  const DType factors = std::get<MatmulKernel>(kernel.form).factor_dtype;
  return family_for(target_, factors).candidates(target_.tile_limits(factors));
}

MatmulTiles Tuner::shipped_for(const Kernel& kernel) const {
  const DType factors = std::get<MatmulKernel>(kernel.form).factor_dtype;
  return family_for(target_, factors).choose(sizes_of(kernel), target_.tile_limits(factors));
}

std::optional<MatmulTiles> Tuner::stored(const std::string& name,
                                         const std::vector<MatmulTiles>& candidates) const {
  const auto content = read_cache_file(options_.folder, name);
  if (!content) return std::nullopt;
  const std::string text(reinterpret_cast<const char*>(content->data()), content->size());
  for (const MatmulTiles& tiles : candidates) {
    if (to_text(tiles) == text) return tiles;
  }
  return std::nullopt;
}

void Tuner::store(const Kernel& kernel, const std::vector<Slot>& slots, const MatmulTiles& tiles) {
  const std::string text = to_text(tiles);
  write_cache_file(options_.folder, name_of(kernel, slots), std::as_bytes(std::span(text)));
}

MatmulTiles Tuner::tiles_for(const Kernel& kernel, const std::vector<Slot>& slots) {
  std::lock_guard lock(mutex_);
  const std::string name = name_of(kernel, slots);
  if (const MatmulTiles* known = known_.find(name)) return *known;
  std::optional<MatmulTiles> tiles = stored(name, candidates_for(kernel));
  if (!tiles && options_.seconds > 0) {
    const Clock::time_point start = Clock::now();
    tiles = fastest(kernel, slots);
    store(kernel, slots, *tiles);
    options_.seconds -= seconds_since(start);
    ++timed_;
  }
  if (!tiles) tiles = shipped_for(kernel);
  known_.insert(name, *tiles, name.size() + sizeof *tiles);
  return *tiles;
}

MatmulTiles Tuner::fastest(const Kernel& kernel, const std::vector<Slot>& slots) {
  const std::shared_ptr<Context> context = pool_->shared_context();
  const MatmulTiles shipped = shipped_for(kernel);
  const Scratch scratch(*pool_, kernel, slots);
  const auto time = [&](const MatmulTiles& tiles) {
    CompiledPlan compiled{.name = fmt::format("tuning of {}", kernel.label),
                          .plan = {.slots = scratch.slots, .kernels = {kernel}, .barrier_before = {false}},
                          .kernels = {emit(kernel, slots, target_, tiles)},
                          .pipelines = {}};
    const EmittedKernel& emitted = compiled.kernels[0];
    std::vector<BindingKind> kinds;
    for (const EmittedBinding& binding : emitted.bindings) kinds.push_back(binding.kind);
    compiled.pipelines = {make_pipeline(
        context, compile_glsl(emitted.glsl, emitted.label, emitted.source_map), kinds, emitted.label)};
    Recording recording(context, compiled, scratch.buffers, nullptr, nullptr);
    return time_of(*context, recording);
  };
  MatmulTiles best = shipped;
  double best_time = time(shipped) * worth_it;
  for (const MatmulTiles& tiles : candidates_for(kernel)) {
    if (tiles == shipped) continue;
    stop_if_process_ends();
    const double seconds = time(tiles);
    if (seconds >= best_time) continue;
    best = tiles;
    best_time = seconds;
  }
  return best;
}

}  // namespace hekla::vulkan
