// NumberHistory: which numbers of a structure are data, because they changed.
#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

namespace hekla {

/// Which numbers changed between computations of the same structure.
class NumberHistory {
 public:
  /// Whether each of `values` ever differed from the first ones that came with this structure. Structures are
  /// identified by a hash: a collision costs a plan more, and nothing else.
  const std::vector<bool>& changed(std::size_t structure, std::span<const double> values);

 private:
  struct Entry {
    std::vector<double> first;
    std::vector<bool> changed;
  };
  std::unordered_map<std::size_t, Entry> entries_;
};

}  // namespace hekla
