// TakesMemory: what says how much of the host's memory it takes, for caches to be bounded by.
#pragma once

#include <cstddef>

namespace hekla {

/// An Executable may be one; what is not counts as nothing.
class TakesMemory {
 public:
  virtual ~TakesMemory() = default;
  /// About so many bytes, what a driver keeps for it among them.
  virtual std::size_t host_bytes() const = 0;
};

}  // namespace hekla
