// Lets this process take only so much more memory, for tests of readers that believe no header.
#pragma once

#include <sys/resource.h>

#include <fstream>

namespace hekla::test {

class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t more_bytes) {
    getrlimit(RLIMIT_AS, &before_);
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit limit{pages * 4096 + more_bytes, before_.rlim_max};
#ifndef __SANITIZE_ADDRESS__  // which maps shadows of what is allocated
    setrlimit(RLIMIT_AS, &limit);
#endif
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace hekla::test
