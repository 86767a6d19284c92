// Drivers and layers end with handlers and objects of their own, at exit, in the order opposite to that in
// which they came to be. NVIDIA's driver leaves no code behind that could be called; the validation layer,
// whose objects come to be while it is used, ends before whatever was there when it was loaded; and so does
// LLVM, while llvmpipe's threads may be compiling with it.
//
// So devices have to end before everything else. The C library destroys what is thread_local of the thread
// that calls exit() before it calls the first handler, and a handler that is registered then is the first.
// The handlers that are registered earlier are for a thread that never used a device, and for other C
// libraries.
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

// Nothing stops what compiles: it is waited for, also on a busy machine, and however large the kernels are.
constexpr auto patience = std::chrono::minutes(10);
constexpr auto patience_for_results = std::chrono::seconds(1);

constexpr const char* process_ended =
    "has ended, as the process does; compute before main returns or exit() is called";
constexpr const char* process_forked =
    "was opened before fork(), and this child process has none of its driver's threads; open a device of its "
    "own in the child, or fork before the first is opened";

// Never destroyed: handlers look at it.
using Opened = std::vector<std::weak_ptr<Context>>;
Opened& opened() {
  static auto& all = *new Opened;
  return all;
}

// `validated`: those under the validation layer, or those without.
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
    // Only software drivers compile when something is run.
    const bool idle = context->submissions.settled_within(
        context->is_software ? std::chrono::nanoseconds(patience) : patience_for_results,
        patience_for_results);
    if (!idle || !quiet) context->abandoned = process_ended;
  }
  if (!quiet) return;
  abandon(true);
  // As usual, if nobody else holds it.
  set_default_device(nullptr);
  abandon(false);
}

// A thread that ends otherwise registers in vain, which does no harm.
struct Leaving {
  ~Leaving() { std::atexit(end); }
};

bool watch_this_thread() {
  static thread_local const Leaving leaving;
  return true;
}

// Which may call exit() while others alone use devices.
[[maybe_unused]] const bool main_thread_is_watched = watch_this_thread();

#ifdef HEKLA_PTHREADS
std::atomic<bool> parent_had_driver = false;
std::optional<RuntimeLock> held_across_fork;

// A driver's thread that compiles holds locks of LLVM's, which the child would find taken for ever.
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
// Mesa joins its threads at exit, also those that did not come along with a fork: with its handler the child
// would crash or wait for ever. What is registered earlier than the driver goes with it.
void leave_child(int status, void*) {
  if (!parent_had_driver) return;
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}
#endif

}  // namespace

void abandon_at_exit(const std::shared_ptr<Context>& context) {
  const RuntimeLock lock;
#ifdef HEKLA_PTHREADS
  [[maybe_unused]] static const int handler = pthread_atfork(before_fork, after_fork, after_fork_in_child);
#endif
#if defined(HEKLA_PTHREADS) && defined(__GLIBC__)
  [[maybe_unused]] static const int last = on_exit(leave_child, nullptr);
#endif
  std::erase_if(opened(), [](const auto& one) { return one.expired(); });
  opened().push_back(context);
  std::atexit(end);
}

void note_growth_of_driver() {
  watch_this_thread();
  static std::atomic<unsigned> growth = 0;
  // Ever less is new to a driver.
  if (std::has_single_bit(++growth)) std::atexit(end);
}

}  // namespace hekla::vulkan
