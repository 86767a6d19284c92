#include "backends/native/threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include "graph/error.h"

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace hekla::native {

namespace {

using Clock = std::chrono::steady_clock;

// Longer than the work of another thread between two kernels usually takes. A thread that waits on without end would take
// the processor from those it waits for, where there are more threads than processors.
constexpr int spins = 4000;
constexpr int yields = 200;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

#include "shaders/native_denormals.inc"

// Waits until `value` is not `old`.
void wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  for (int i = 0; i < yields; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    std::this_thread::yield();
  }
  value.wait(old, std::memory_order_acquire);
}

long present_process() {
#if defined(__unix__) || defined(__APPLE__)
  return ::getpid();
#else
  return 1;
#endif
}

}  // namespace

int processors() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

int default_threads() {
  constexpr int most = 1024;
  const char* text = std::getenv("HEKLA_THREADS");
  if (text == nullptr || *text == '\0') return std::clamp(processors(), 1, most);
  const std::string_view view(text);
  int count = 0;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), count);
  if (error != std::errc() || end != view.data() + view.size() || count < 1 || count > most)
    throw Error(fmt::format("[HEKLA_THREADS] '{}'; it takes a number of threads from 1 to {}.", view, most));
  return count;
}

void Barrier::wait() {
  if (threads_ == 1) return;
  const std::uint32_t generation = generation_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);
    generation_.store(generation + 1, std::memory_order_release);
    generation_.notify_all();
  } else {
    wait_for_change(generation_, generation);
  }
}

void Threads::begin() {
  if (crew_ && process_ == present_process()) return;
  end();
  process_ = present_process();
  crew_ = std::make_unique<Crew>(count_);
  for (int thread = 1; thread < count_; ++thread)
    crew_->workers.emplace_back([crew = crew_.get(), thread] { serve(*crew, thread); });
}

void Threads::end() {
  if (!crew_) return;
  if (process_ != present_process()) {
    static_cast<void>(crew_.release());  // of the parent process, where its threads are
    return;
  }
  crew_->ends = true;
  crew_->jobs.fetch_add(1, std::memory_order_release);
  crew_->jobs.notify_all();
  for (std::thread& worker : crew_->workers) worker.join();
}

void Threads::serve(Crew& crew, int thread) {
  const FlushDenormals flush;
  for (std::uint32_t done = 0;; ++done) {
    wait_for_change(crew.jobs, done);
    if (crew.ends) return;
    (*crew.work)(thread);
    crew.barrier.wait();
  }
}

void Threads::run(const std::function<void(int)>& work, int wanted) {
  const FlushDenormals flush;
  if (wanted == 1 || count_ == 1) return work(0);
  begin();
  crew_->work = &work;
  crew_->jobs.fetch_add(1, std::memory_order_release);
  crew_->jobs.notify_all();
  work(0);
  crew_->barrier.wait();
}

}  // namespace hekla::native
