// Trace: measured steps as a file that trace viewers open (chrome://tracing, ui.perfetto.dev).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/common/timed_kernel.h"

namespace hekla::backend {

/// Collects measured steps in memory and writes them as JSON in Chrome's trace event format: a process per
/// device, a thread per plan, an event per step and, nested in it, per kernel. The file is replaced
/// atomically by a rename. It is written empty at first, so that a failure is reported early, then each time
/// the number of steps doubles, and at the end. Thread-safe.
class Trace {
 public:
  explicit Trace(std::filesystem::path file, std::size_t most_events = 500'000);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  /// The trace that HEKLA_TRACE asks for, or null.
  static const std::shared_ptr<Trace>& of_environment();

  /// Registers a plan and returns its number for add_step().
  std::size_t add_plan(const std::string& device, const std::string& name, std::vector<TimedKernel> kernels);
  /// Adds a step of a plan: its start and the end of each kernel, on the clock of the device.
  void add_step(std::size_t plan, std::uint64_t number, double start_ns, std::vector<double> end_ns);
  /// Writes all steps so far; on failure warns on stderr and returns false.
  bool write();

 private:
  struct Device {
    std::string name;
    double first_ns;  // origin of the times of its events
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

}  // namespace hekla::backend
