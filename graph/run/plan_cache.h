// PlanCache: the LRU cache of compiled computations.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <unordered_map>

#include "graph/compiler/capture.h"
#include "graph/run/evaluator.h"

namespace hekla {

/// Compiled computations with their structure as the cache key; beyond the limit, the least recently used is
/// evicted.
class PlanCache {
 public:
  explicit PlanCache(std::size_t capacity = 256) : capacity_(capacity) {}
  std::shared_ptr<Executable> find(const compiler::StructureKey& key);
  void insert(compiler::StructureKey key, std::shared_ptr<Executable> executable);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    compiler::StructureKey key;
    std::shared_ptr<Executable> executable;
  };
  std::size_t capacity_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_multimap<std::size_t, std::list<Entry>::iterator> by_hash_;
};

}  // namespace hekla
