// Trace: measured steps as a file that trace viewers open (chrome://tracing, ui.perfetto.dev).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graph/compiler/work.h"

namespace hekla::vulkan {

using namespace compiler;

/// A kernel as measurements name it.
struct TimedKernel {
  std::string label;
  Work work;
};

/// Collects measured steps in memory and writes them as JSON in Chrome's trace event format: a process for
/// each device, a thread for each plan, an event for each step and, in it, for each kernel. The file is
/// written beside and renamed: empty at first, so that a file that cannot be written is told at once; again
/// whenever twice as much has been measured; and in the end. Safe to share between threads.
class Trace {
 public:
  explicit Trace(std::filesystem::path file, std::size_t most_events = 500'000);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  /// The trace that HEKLA_TRACE asks for, or null.
  static const std::shared_ptr<Trace>& of_environment();

  /// The number by which add_step() knows the plan.
  std::size_t add_plan(const std::string& device, const std::string& name, std::vector<TimedKernel> kernels);
  /// A step of a plan: when, on its device's clock, it started and each kernel ended.
  void add_step(std::size_t plan, std::uint64_t number, double start_ns, std::vector<double> end_ns);
  /// Writes what there is; false, after a warning on stderr, where that is refused.
  bool write();

 private:
  struct Device {
    std::string name;
    double first_ns;  // what the times of its events count from
  };
  struct MeasuredPlan {
    std::size_t device;
    std::string name;
    std::vector<TimedKernel> kernels;
  };
  struct Step {
    std::size_t plan;
    std::uint64_t number;
    double start_ns;
    std::vector<double> end_ns;
  };
  bool write_locked();
  std::string json() const;

  std::mutex mutex_;
  std::filesystem::path file_;
  std::size_t most_events_;
  std::size_t events_ = 0;
  std::size_t next_write_ = 1000;
  bool full_ = false;
  bool written_ = false;  // everything so far
  std::vector<Device> devices_;
  std::vector<MeasuredPlan> plans_;
  std::vector<Step> steps_;
};

}  // namespace hekla::vulkan
