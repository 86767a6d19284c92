#include "backends/native/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "graph/debug.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"
#include "graph/tensor.h"

namespace hekla::native {

namespace {

constexpr int most_loops = 8;  // inside each other

double now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::nano>(since).count();
}

// Which kernels all threads wait before. The barriers of the plan that stand between kernels of one thread are put off
// until a kernel of several threads comes. Loops are few: at their first kernel every thread waits.
std::vector<bool> waits(const Plan& plan, const std::vector<ReadyKernel>& kernels) {
  std::vector<bool> result;
  bool several = false;  // whether several threads have run kernels since the last wait, or run this one
  bool put_off = false;  // whether the plan has a barrier since
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    const bool begins_loop =
        std::ranges::any_of(plan.loops, [&](const Repeated& loop) { return loop.first == k; });
    several = several || kernels[k].units > 1;
    put_off = put_off || plan.barrier_before[k];
    const bool waits = begins_loop || (put_off && several);
    result.push_back(waits);
    if (!waits) continue;
    several = kernels[k].units > 1;
    put_off = false;
  }
  return result;
}

}  // namespace

struct NativeExecutable::Run {
  std::vector<void*> slots;                   // memory of each slot
  std::vector<std::vector<void*>> arguments;  // of each kernel
  std::vector<char*> scratch;                 // of each thread
  int threads = 1;
  std::exception_ptr error = {};         // of a custom kernel
  std::vector<double> nanoseconds = {};  // of each kernel, in the present step, where that is measured
};

NativeExecutable::NativeExecutable(std::shared_ptr<Workplace> workplace, Plan plan,
                                   std::vector<ReadyKernel> kernels)
    : workplace_(std::move(workplace)),
      plan_(std::move(plan)),
      kernels_(std::move(kernels)),
      wait_before_(waits(plan_, kernels_)),
      is_single_(std::ranges::all_of(kernels_, [](const ReadyKernel& kernel) { return kernel.units <= 1; })) {
  reserve_working_memory();  // so that out of memory is reported here
}

NativeExecutable::~NativeExecutable() {
  if (measured_ && measured_->steps > 0 && debug_level() >= 2) {
    fmt::print(stderr, "{}",
               backend::table_of_times(measured_->name, measured_->device, measured_->kernels,
                                       measured_->nanoseconds, measured_->steps));
  }
}

void NativeExecutable::measure(const std::string& name, const std::string& device,
                               std::shared_ptr<backend::Trace> trace) {
  measured_ = std::make_unique<Measured>(
      Measured{.name = name, .device = device, .kernels = backend::timed_kernels(plan_), .nanoseconds = {}});
  measured_->nanoseconds.resize(kernels_.size());
  measured_->trace = std::move(trace);
  if (measured_->trace) measured_->plan = measured_->trace->add_plan(device, name, measured_->kernels);
}

std::size_t NativeExecutable::host_bytes() const {
  constexpr std::size_t of_slot = 500, of_kernel = 10'000;
  return plan_.slots.size() * of_slot + kernels_.size() * of_kernel;
}

void NativeExecutable::reserve_working_memory() {
  const auto grow = [&](std::shared_ptr<Block>& block, std::int64_t bytes) {
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 64));
    if (block && block->bytes().size() >= size) return;
    block = nullptr;
    block = workplace_->pool->acquire(size, "working memory");
  };
  grow(workplace_->arena, plan_.arena_bytes);
  std::int64_t scratch = 0;
  for (const ReadyKernel& kernel : kernels_) scratch = std::max(scratch, kernel.scratch_bytes);
  workplace_->scratch.resize(static_cast<std::size_t>(workplace_->threads.count()));
  for (std::shared_ptr<Block>& block : workplace_->scratch) grow(block, scratch);
}

std::vector<std::shared_ptr<Storage>> NativeExecutable::run(std::span<const std::shared_ptr<Storage>> leaves,
                                                            int steps) {
  reserve_working_memory();
  Run run;
  std::vector<std::shared_ptr<Storage>> outputs;
  run.slots.resize(plan_.slots.size());
  for (const int slot : plan_.output_slots) {
    const Slot& memory = plan_.slots[static_cast<std::size_t>(slot)];
    const std::shared_ptr<Block> block =
        workplace_->pool->acquire(static_cast<std::size_t>(std::max<std::int64_t>(memory.bytes(), 4)),
                                  memory.label.empty() ? "an output" : memory.label);
    run.slots[static_cast<std::size_t>(slot)] = block->data();
    outputs.push_back(block);
  }
  for (std::size_t slot = 0; slot < plan_.slots.size(); ++slot) {
    const Slot& memory = plan_.slots[slot];
    if (memory.place == Slot::Place::arena) run.slots[slot] = workplace_->arena->data() + memory.offset;
    if (memory.place == Slot::Place::leaf)
      run.slots[slot] = static_cast<Block&>(*leaves[static_cast<std::size_t>(memory.number)]).data();
  }
  run.nanoseconds.resize(kernels_.size());
  for (const ReadyKernel& kernel : kernels_) {
    run.arguments.emplace_back();
    for (const int slot : kernel.slots)
      run.arguments.back().push_back(run.slots[static_cast<std::size_t>(slot)]);
  }
  for (const std::shared_ptr<Block>& block : workplace_->scratch)
    run.scratch.push_back(reinterpret_cast<char*>(block->data()));

  int steps_at_once = 1;
  const auto some_steps = [&](int thread) {
    std::array<int, most_loops> iterations{};
    for (int step = 0; step < steps_at_once; ++step) {
      if (step > 0 && run.threads > 1) workplace_->threads.barrier();
      const double start = thread == 0 ? now() : 0;
      run_range(run, thread, 0, kernels_.size(), 0, iterations.data());
      if (measured_ && thread == 0) note_step(run, start);
    }
  };
  run.threads = is_single_ ? 1 : workplace_->threads.count();
  // So many steps at once that the process can end soon.
  constexpr double long_enough = 20e6;  // nanoseconds
  for (int done = 0, most = 1; done < steps; done += steps_at_once) {
    stop_if_process_ends();
    steps_at_once = std::min(most, steps - done);
    const double start = now();
    workplace_->threads.run(some_steps, run.threads);
    if (run.error) std::rethrow_exception(run.error);
    if (now() - start < long_enough) most = std::min(2 * most, 1 << 20);
  }
  return outputs;
}

// Runs the kernels [first, last); `loop` is the first loop of the plan that may lie among them.
void NativeExecutable::run_range(Run& run, int thread, std::size_t first, std::size_t last, std::size_t loop,
                                 int* iterations) const {
  for (std::size_t k = first; k < last;) {
    while (loop < plan_.loops.size() && plan_.loops[loop].end <= k) ++loop;
    if (loop < plan_.loops.size() && plan_.loops[loop].first == k) {
      const Repeated& repeated = plan_.loops[loop];
      int& iteration = iterations[repeated.depth];
      for (iteration = 0; iteration < repeated.count; ++iteration)
        run_range(run, thread, repeated.first, repeated.end, loop + 1, iterations);
      iteration = 0;
      k = repeated.end;
      continue;
    }
    if (wait_before_[k] && run.threads > 1) workplace_->threads.barrier();
    if (measured_)
      run_measured(run, thread, k, iterations);
    else
      run_kernel(run, thread, k, iterations);
    ++k;
  }
}

void NativeExecutable::run_kernel(Run& run, int thread, std::size_t k, const int* iterations) const {
  const ReadyKernel& kernel = kernels_[k];
  if (kernel.loaded.function == nullptr) {
    if (thread == 0 && !run.error) {
      try {
        run_custom(run, k);
      } catch (...) {
        run.error = std::current_exception();
      }
    }
    return;
  }
  const std::int64_t first = kernel.units * thread / run.threads,
                     last = kernel.units * (thread + 1) / run.threads;
  const bool is_only = kernel.units <= 1;
  if (is_only && thread != 0) return;
  if (first == last && !is_only) return;
  kernel.loaded.function(run.arguments[k].data(), iterations, is_only ? 0 : first,
                         is_only ? kernel.units : last, run.scratch[static_cast<std::size_t>(thread)]);
}

void NativeExecutable::run_measured(Run& run, int thread, std::size_t k, const int* iterations) const {
  const auto meet = [&] {
    if (run.threads > 1) workplace_->threads.barrier();
  };
  meet();
  const double start = thread == 0 ? now() : 0;
  run_kernel(run, thread, k, iterations);
  meet();
  if (thread == 0) run.nanoseconds[k] += now() - start;
}

void NativeExecutable::note_step(Run& run, double start) {
  std::vector<double> ends;
  double end = start;
  for (std::size_t k = 0; k < run.nanoseconds.size(); ++k) {
    end += run.nanoseconds[k];
    ends.push_back(end);
    measured_->nanoseconds[k] += std::exchange(run.nanoseconds[k], 0);
  }
  ++measured_->steps;
  if (measured_->trace)
    measured_->trace->add_step(measured_->plan, static_cast<std::uint64_t>(measured_->steps), start,
                               std::move(ends));
}

// A custom kernel is what its author's function in double precision computes.
void NativeExecutable::run_custom(const Run& run, std::size_t k) const {
  const Kernel& kernel = plan_.kernels[k];
  const auto& call = std::get<CustomCall>(kernel.form);
  Node node;
  node.op = call.op;
  node.attributes = {call.integers, call.number};
  node.shape = call.result.shape;
  node.dtype = call.result.dtype;
  std::vector<std::vector<double>> operands;
  for (std::size_t i = 0; i < call.operands.size(); ++i) {
    const Meta& meta = call.operands[i];
    node.inputs.push_back(make_leaf(input_op, meta.shape, meta.dtype, nullptr));
    const auto* const memory =
        static_cast<const std::byte*>(run.slots[static_cast<std::size_t>(kernel.operands[i])]);
    const std::size_t bytes = static_cast<std::size_t>(meta.shape.count()) * size_of(meta.dtype);
    operands.push_back(from_bytes({memory, bytes}, meta.dtype).to<double>());
  }
  const std::vector<double> result = call.op->kernel->reference(node, operands);
  if (static_cast<std::int64_t>(result.size()) != node.shape.count()) {
    throw Error(fmt::format("[{}] its reference function returned {} elements; the result has {}.",
                            call.op->name, result.size(), node.shape.count()));
  }
  const std::vector<std::byte> bytes = to_bytes(HostArray(std::span<const double>(result)), node.dtype);
  for (const Store& store : kernel.stores)
    std::ranges::copy(bytes, static_cast<std::byte*>(run.slots[static_cast<std::size_t>(store.slot)]));
}

}  // namespace hekla::native
