// Destruction order at process exit. Drivers and layers register exit handlers and static objects, which run
// in reverse order of construction. NVIDIA's driver leaves no callable code behind. The validation layer
// constructs its objects while it is used, so it is destroyed before everything that existed when it was
// loaded. The same holds for LLVM, while llvmpipe's threads may still be compiling with it.
//
// Devices must therefore be released before everything else. The C library runs the thread_local destructors
// of the thread that calls exit() before it calls the first exit handler, and a handler registered there runs
// first. Handlers registered earlier cover an exiting thread that never used a device, and other C libraries.
#include "backends/vulkan/at_exit.h"

#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <vector>

#if __has_include(<pthread.h>)
#include <pthread.h>
#define HEKLA_PTHREADS 1
#endif

#include "backends/vulkan/context.h"
#include "backends/vulkan/pipeline_cache.h"
#include "graph/run/evaluator.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

namespace {

// Timeout for compilation. A driver's compilation cannot be cancelled, so exit waits for it, also on a busy
// machine and for large kernels.
constexpr auto patience = std::chrono::minutes(10);
constexpr auto patience_for_results = std::chrono::seconds(1);

constexpr const char* process_ended =
    "has ended, as the process does; compute before main returns or exit() is called";
constexpr const char* process_forked =
    "was opened before fork(), and this child process has none of its driver's threads; open a device of its "
    "own in the child, or fork before the first is opened";

// Never destroyed, because exit handlers read it.
using Opened = std::vector<std::weak_ptr<Context>>;
Opened& opened() {
  static auto& all = *new Opened;
  return all;
}

// Abandons the contexts with the validation layer (`validated`) or those without it.
void abandon(bool validated) {
  for (const std::weak_ptr<Context>& one : opened()) {
    const std::shared_ptr<Context> context = one.lock();
    if (!context || context->abandoned || (context->instance.log != nullptr) != validated) continue;
    if (!validated) save_pipeline_cache(*context);
    context->abandoned = process_ended;
  }
}

void end() {
  bool quiet = stop_other_threads(patience);
  for (const std::weak_ptr<Context>& one : opened()) {
    const std::shared_ptr<Context> context = one.lock();
    if (!context || context->abandoned) continue;
    // Only software drivers compile at execution, so only they get the long timeout.
    const bool idle = context->submissions.settled_within(
        context->is_software ? std::chrono::nanoseconds(patience) : patience_for_results,
        patience_for_results);
    if (!idle || !quiet) context->abandoned = process_ended;
  }
  if (!quiet) return;
  abandon(true);
  // Releasing the default device runs its destructors as usual, if nothing else references it.
  set_default_device(nullptr);
  abandon(false);
}

// Registers the exit handler in a thread_local destructor. A thread that ends without exit() registers it
// too, which is harmless.
struct Leaving {
  ~Leaving() { std::atexit(end); }
};

bool watch_this_thread() {
  static thread_local const Leaving leaving;
  return true;
}

// The main thread may call exit() while only other threads use devices.
[[maybe_unused]] const bool main_thread_is_watched = watch_this_thread();

#ifdef HEKLA_PTHREADS
std::atomic<bool> parent_had_driver = false;
std::optional<RuntimeLock> held_across_fork;

// Waits for compilation before fork(): a compiling driver thread holds LLVM's locks, which would stay locked
// in the child.
void before_fork() {
  held_across_fork.emplace();
  for (const std::weak_ptr<Context>& one : opened()) {
    const std::shared_ptr<Context> context = one.lock();
    if (context && !context->abandoned && context->is_software)
      context->submissions.settled_within(patience, patience);
  }
}

void after_fork() { held_across_fork.reset(); }

void after_fork_in_child() {
  after_fork();
  parent_had_driver = true;
  for (const std::weak_ptr<Context>& one : opened()) {
    if (const std::shared_ptr<Context> context = one.lock()) context->abandoned = process_forked;
  }
}
#endif

#if defined(HEKLA_PTHREADS) && defined(__GLIBC__)
// Skips the exit handlers of drivers and layers in the child of fork(). Mesa and newer validation layers join
// their threads at exit, including those that do not exist in the child, which would crash or hang. Exit
// handlers registered before those are skipped with them.
void leave_child(int status, void*) {
  if (!parent_had_driver) return;
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}
#endif

// Has what is here run before what drivers and layers registered so far, also in the child of fork(): a layer
// joins its threads in the destructor of an object that it constructs while it is used.
void go_before_driver() {
#if defined(HEKLA_PTHREADS) && defined(__GLIBC__)
  on_exit(leave_child, nullptr);
#endif
  std::atexit(end);
}

}  // namespace

void abandon_at_exit(const std::shared_ptr<Context>& context) {
  const RuntimeLock lock;
#ifdef HEKLA_PTHREADS
  [[maybe_unused]] static const int handler = pthread_atfork(before_fork, after_fork, after_fork_in_child);
#endif
  std::erase_if(opened(), [](const auto& one) { return one.expired(); });
  opened().push_back(context);
  go_before_driver();
}

void note_growth_of_driver() {
  watch_this_thread();
  static std::atomic<unsigned> growth = 0;
  // Powers of two only: the driver constructs fewer and fewer new static objects.
  if (std::has_single_bit(++growth)) go_before_driver();
}

}  // namespace hekla::vulkan
