// See host_memory.h.
#include "graph/host_memory.h"

#include <fmt/format.h>

namespace hekla {

Error no_host_memory(std::string_view where, std::string_view wanted) {
  return Error(
      fmt::format("[{}] the host has no memory for {}; make it smaller, or drop what is held without "
                  "need.",
                  where, wanted));
}

Error no_host_memory(std::string_view where, std::size_t count, std::size_t size) {
  return no_host_memory(where, fmt::format("{} elements of {} byte{}", count, size, size == 1 ? "" : "s"));
}

}  // namespace hekla
