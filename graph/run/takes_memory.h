// TakesMemory: interface of objects that report their host memory, so that caches can be bounded.
#pragma once

#include <cstddef>

namespace hekla {

/// An Executable may implement it; an object that does not counts as 0 bytes.
class TakesMemory {
 public:
  virtual ~TakesMemory() = default;
  /// Approximate host memory in bytes, including what a driver keeps for the object.
  virtual std::size_t host_bytes() const = 0;
};

}  // namespace hekla
