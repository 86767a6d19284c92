// Host out-of-memory errors that say for what and how much; std::bad_alloc says neither.
#pragma once

#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "graph/error.h"

namespace hekla {

/// "[where] the host has no memory for `wanted`; ..": what to throw instead of std::bad_alloc.
Error no_host_memory(std::string_view where, std::string_view wanted);
/// The same for elements, "`count` elements of `size` bytes".
Error no_host_memory(std::string_view where, std::size_t count, std::size_t size);

/// `count` elements of value zero; throws hekla::Error naming `where` when there is no memory for them.
template <class T>
std::vector<T> host_elements(std::string_view where, std::size_t count) {
  try {
    return std::vector<T>(count);
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  throw no_host_memory(where, count, sizeof(T));
}

}  // namespace hekla
