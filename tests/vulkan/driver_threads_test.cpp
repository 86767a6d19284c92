// The affinity of a software driver's threads to the machine's processors.
#include "backends/vulkan/driver_threads.h"

#include "backends/vulkan/evaluator.h"
#include "hekla.h"
#include "tests/vulkan/support.h"

#ifdef __linux__

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace hekla::vulkan::test {
namespace {

// Threads that wait until they are released.
class Waiting {
 public:
  explicit Waiting(int count) : before_(threads_of_process()) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        std::unique_lock lock(mutex_);
        released_.wait(lock, [this] { return done_; });
      });
    }
  }
  ~Waiting() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    released_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  const std::vector<int>& before() const { return before_; }
  std::vector<int> numbers() const {
    std::vector<int> numbers = threads_of_process();
    std::erase_if(numbers, [&](int thread) { return std::ranges::binary_search(before_, thread); });
    return numbers;
  }
  void give_name(int which) {
    pthread_setname_np(threads_[static_cast<std::size_t>(which)].native_handle(), "named");
  }

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool done_ = false;
  std::vector<int> before_;
  std::vector<std::thread> threads_;
};

cpu_set_t processors_of(int thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(thread, sizeof(set), &set);
  return set;
}

bool same(const cpu_set_t& a, const cpu_set_t& b) { return CPU_EQUAL(&a, &b) != 0; }

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE(
      "a software driver computes with zero in place of denormals, the program that opened it does not") {
    const std::shared_ptr<Context> context = open_validated();
    if (!context) return;
    if (!context->is_llvmpipe) {
      MESSAGE("SKIPPED: a device's own affair but on llvmpipe");
      return;
    }
    const float denormal = 1e-39f;
    const volatile float half = 0.5f;
    CHECK(denormal * half > 0);
    const Tensor x = variable(tensor(std::vector<float>{denormal, 1e-30f}, {2}), "x");
    Program program = compile({.outputs = {x * 0.5}}, std::make_shared<VulkanDevice>(context));
    CHECK(program.run()[0].to_vector() == std::vector<float>{0, 0.5f * 1e-30f});
  }

  TEST_CASE("threads of a driver get a processor each, those that bear names are left alone") {
    const cpu_set_t all = processors_of(0);
    if (CPU_COUNT(&all) < 2) {
      MESSAGE("SKIPPED: one processor only");
      return;
    }
    Waiting threads(4);
    REQUIRE(threads.numbers().size() == 4);
    threads.give_name(1);
    spread_over_processors(threads.before());
    int named = 0;
    std::vector<cpu_set_t> own;
    for (const int thread : threads.numbers()) {
      const cpu_set_t set = processors_of(thread);
      if (same(set, all)) {
        ++named;
      } else {
        CHECK(CPU_COUNT(&set) == 1);
        own.push_back(set);
      }
    }
    CHECK(named == 1);
    REQUIRE(own.size() == 3);
    CHECK_FALSE(same(own[0], own[1]));
    CHECK_FALSE(same(own[1], own[2]));
    CHECK(same(processors_of(0), all));
  }

  TEST_CASE("a driver that computes in one thread is left where the system puts it") {
    const cpu_set_t all = processors_of(0);
    const Waiting threads(2);
    spread_over_processors(threads.before());
    for (const int thread : threads.numbers()) CHECK(same(processors_of(thread), all));
  }
}

}  // namespace hekla::vulkan::test

#endif
