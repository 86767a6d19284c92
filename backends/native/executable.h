// NativeExecutable: runs a plan's functions in this process.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/common/trace.h"
#include "backends/native/compiler.h"
#include "backends/native/emit.h"
#include "backends/native/memory.h"
#include "backends/native/threads.h"
#include "graph/run/evaluator.h"
#include "graph/run/takes_memory.h"

namespace hekla::native {

using KernelFunction = void (*)(void* const* memory, const int* iterations, long first, long last,
                                char* scratch);

/// A compiled function, with what it lies in.
struct Loaded {
  std::shared_ptr<Module> module = {};
  KernelFunction function = nullptr;
};

/// A kernel that is ready to run.
struct ReadyKernel {
  Loaded loaded = {};  // no function: a custom kernel
  std::vector<int> slots = {};
  std::int64_t units = 0;
  std::int64_t scratch_bytes = 0;
};

/// What all plans of a device work with, one after another.
struct Workplace {
  explicit Workplace(int count) : threads(count) {}
  Threads threads;
  std::shared_ptr<MemoryPool> pool = std::make_shared<MemoryPool>();
  std::shared_ptr<Block> arena = {};
  std::vector<std::shared_ptr<Block>> scratch = {};  // of each thread
};

class NativeExecutable : public Executable, public TakesMemory {
 public:
  NativeExecutable(std::shared_ptr<Workplace> workplace, Plan plan, std::vector<ReadyKernel> kernels);
  NativeExecutable(const NativeExecutable&) = delete;
  NativeExecutable& operator=(const NativeExecutable&) = delete;
  ~NativeExecutable() override;
  /// From now on measures each kernel, and prints a table at the end where that is asked for.
  void measure(const std::string& name, const std::string& device, std::shared_ptr<backend::Trace> trace);
  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                            int steps) override;
  std::vector<NumberArray> number_leaves(std::span<const double> values) const override {
    return elements_of(plan_.number_leaves, plan_.numbers, values);
  }
  std::string describe() const override { return to_string(plan_); }
  std::size_t host_bytes() const override;

 private:
  struct Run;
  void reserve_working_memory();
  void run_range(Run& run, int thread, std::size_t first, std::size_t last, std::size_t loop,
                 int* iterations) const;
  void run_kernel(Run& run, int thread, std::size_t kernel, const int* iterations) const;
  void run_measured(Run& run, int thread, std::size_t kernel, const int* iterations) const;
  void note_step(Run& run, double start);
  void run_custom(const Run& run, std::size_t kernel) const;

  std::shared_ptr<Workplace> workplace_;
  Plan plan_;
  std::vector<ReadyKernel> kernels_;
  std::vector<bool> wait_before_;  // for each kernel, whether all threads wait there for each other
  bool is_single_ = true;          // one thread runs everything
  struct Measured {
    std::string name, device;
    std::vector<backend::TimedKernel> kernels;
    std::vector<double> nanoseconds;  // of all steps
    int steps = 0;
    std::shared_ptr<backend::Trace> trace;  // or null
    std::size_t plan = 0;                   // in the trace
  };
  std::unique_ptr<Measured> measured_;  // or null
};

}  // namespace hekla::native
