// Threads that compute together: they spin for a moment between two pieces of work, because waking a thread takes longer
// than a small kernel, and sleep when there is no work.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace hekla::native {

/// A barrier: every thread waits there for all others.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait();

 private:
  const int threads_;
  alignas(128) std::atomic<int> arrived_ = 0;
  alignas(128) std::atomic<std::uint32_t> generation_ = 0;
};

class Threads {
 public:
  /// `count` threads, of which the caller of run() is one.
  explicit Threads(int count);
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads();

  int count() const { return static_cast<int>(workers_.size()) + 1; }
  /// Calls work(0) in this thread and, unless `wanted` is 1, work(1), work(2), .. in the others; returns when all have
  /// ended. `work` does not throw.
  void run(const std::function<void(int thread)>& work, int wanted);
  /// For `work`: waits until all threads are here.
  void barrier() { barrier_.wait(); }

 private:
  void serve(int thread);

  Barrier barrier_;
  alignas(128) std::atomic<std::uint32_t> jobs_ = 0;  // begun so far
  const std::function<void(int)>* work_ = nullptr;
  bool ends_ = false;
  std::vector<std::thread> workers_;
};

/// The threads of this process: HEKLA_THREADS, or as many as it may use processors.
Threads& threads();

}  // namespace hekla::native
