// See parallel.h.
#include "backends/vulkan/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> errors(count);
  const auto work_through = [&] {
    for (std::size_t i = next++; i < count && !process_ends(); i = next++) {
      try {
        work(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  std::vector<std::thread> others;
  const std::size_t threads = std::min<std::size_t>(count, std::max(1u, std::thread::hardware_concurrency()));
  others.reserve(threads);
  try {
    while (others.size() + 1 < threads) others.emplace_back(work_through);
  } catch (const std::system_error&) {
    // The system gives no more threads: these do it.
  }
  work_through();
  for (std::thread& other : others) other.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace hekla::vulkan
