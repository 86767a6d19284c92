// Two mutexes make the lock fair: a thread that waits for the second holds the first, and later threads queue
// behind the first. With one mutex, a thread that evaluates in a loop would take it again before others wake
// up.
#include "graph/run/runtime_lock.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#if __has_include(<pthread.h>)
#include <pthread.h>
#define HEKLA_PTHREADS 1
#endif

namespace hekla {

namespace {

// No destructors run for these: threads may still take the lock while the process ends.
constinit std::mutex next, held;
constinit std::atomic<bool> ending = false;
constinit thread_local int depth = 0;
constinit thread_local bool ends_process = false;

void take() {
  const std::lock_guard turn(next);
  held.lock();
}

bool has_to_stop() { return ending.load(std::memory_order_acquire) && !ends_process; }

[[noreturn]] void stop() {
  constexpr auto usual_end = std::chrono::seconds(2);
  for (;;) {
    std::this_thread::sleep_for(usual_end);
#ifdef HEKLA_PTHREADS
    pthread_exit(nullptr);
#endif
  }
}

#ifdef HEKLA_PTHREADS
void before_fork() {
  if (depth == 0) take();
}
void after_fork() {
  if (depth == 0) held.unlock();
}
void after_fork_in_child() {
  // The threads that waited for `next` do not exist in the child, so it is made new.
  std::construct_at(&next);
  after_fork();
}
[[maybe_unused]] const int handlers = pthread_atfork(before_fork, after_fork, after_fork_in_child);
#endif

}  // namespace

RuntimeLock::RuntimeLock() {
  if (depth++ > 0) return;
  take();
  stop_if_process_ends();
}

RuntimeLock::~RuntimeLock() {
  // 0 where the thread was stopped.
  if (depth > 0 && --depth == 0) held.unlock();
}

void stop_if_process_ends() {
  if (!has_to_stop()) [[likely]]
    return;
  if (depth > 0) {
    depth = 0;
    held.unlock();
  }
  stop();
}

bool process_ends() { return ending; }

bool stop_other_threads(std::chrono::milliseconds patience) {
  if (has_to_stop()) stop_if_process_ends();
  ends_process = true;
  ending.store(true, std::memory_order_release);
  if (depth > 0) return false;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!held.try_lock()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  held.unlock();
  return true;
}

}  // namespace hekla
