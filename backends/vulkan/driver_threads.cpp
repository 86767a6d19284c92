// Driver threads.
#include "backends/vulkan/driver_threads.h"

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#ifdef __linux__
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#endif

namespace hekla::vulkan {

namespace {

#if defined(__SSE2__)

constexpr std::uint64_t flush_bits = 0x8040;  // MXCSR: FTZ for results, DAZ for operands

std::uint64_t control_register() { return _mm_getcsr(); }
void set_control_register(std::uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }

#elif defined(__aarch64__) && defined(__GNUC__)

constexpr std::uint64_t flush_bits = std::uint64_t{1} << 24;

std::uint64_t control_register() {
  std::uint64_t bits = 0;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void set_control_register(std::uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }

#else

constexpr std::uint64_t flush_bits = 0;

std::uint64_t control_register() { return 0; }
void set_control_register(std::uint64_t) {}

#endif

}  // namespace

FlushDenormals::FlushDenormals() : before_(control_register()) { set_control_register(before_ | flush_bits); }

FlushDenormals::~FlushDenormals() { set_control_register(before_); }

#ifdef __linux__

namespace {

// The name of a thread; a thread without a name of its own has that of the process.
std::string name_of(int thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::vector<int> allowed_processors() {
  std::vector<int> processors;
  cpu_set_t allowed;
  // Fails on machines with more processors than a cpu_set_t can hold.
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return processors;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &allowed)) processors.push_back(processor);
  }
  return processors;
}

}  // namespace

std::vector<int> threads_of_process() {
  std::vector<int> threads;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", failed))
    threads.push_back(std::stoi(entry.path().filename()));
  std::sort(threads.begin(), threads.end());
  return threads;
}

void spread_over_processors(const std::vector<int>& before) {
  const std::vector<int> processors = allowed_processors();
  std::vector<int> unnamed = threads_of_process();
  std::erase_if(unnamed, [&, process = name_of(getpid())](int thread) {
    return std::ranges::binary_search(before, thread) || name_of(thread) != process;
  });
  if (processors.size() < 2 || unnamed.size() < 3) return;
  for (std::size_t i = 0; i < unnamed.size(); ++i) {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(static_cast<std::size_t>(processors[i % processors.size()]), &own);
    // A failure is ignored: without pinning, execution is only slower.
    static_cast<void>(sched_setaffinity(unnamed[i], sizeof(own), &own));
  }
}

#else

std::vector<int> threads_of_process() { return {}; }

void spread_over_processors(const std::vector<int>&) {}

#endif

}  // namespace hekla::vulkan
