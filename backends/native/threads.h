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
  /// `count` threads, of which the caller of run() is one. The others begin with the first run, and again in the child of a
  /// fork, which has none of its parent's threads.
  explicit Threads(int count) : count_(count) {}
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { end(); }

  int count() const { return count_; }
  /// Calls work(0) in this thread and, unless `wanted` is 1, work(1), work(2), .. in the others; returns when all have
  /// ended. `work` does not throw. One run at a time.
  void run(const std::function<void(int thread)>& work, int wanted);
  /// For `work`: waits until all threads are here.
  void barrier() { crew_->barrier.wait(); }

 private:
  struct Crew {
    explicit Crew(int count) : barrier(count) {}
    Barrier barrier;
    alignas(128) std::atomic<std::uint32_t> jobs = 0;  // begun so far
    const std::function<void(int)>* work = nullptr;
    bool ends = false;
    std::vector<std::thread> workers = {};
  };
  void begin();
  void end();
  static void serve(Crew& crew, int thread);

  int count_;
  long process_ = 0;  // that the crew belongs to
  std::unique_ptr<Crew> crew_;
};

/// The processors that this process may use.
int processors();
/// HEKLA_THREADS, or as many threads as this process may use processors.
int default_threads();

}  // namespace hekla::native
