#include "graph/run/plan_cache.h"

#include <algorithm>
#include <iterator>

#include "graph/hash.h"
#include "graph/run/takes_memory.h"

namespace hekla {

namespace {

// Limit of host memory for all cached plans of a device.
constexpr std::size_t most_plan_bytes = std::size_t{512} << 20;

std::size_t bytes_of(const compiler::StructureKey& key, const Executable& executable) {
  const auto* sized = dynamic_cast<const TakesMemory*>(&executable);
  return key.size() * sizeof key[0] + (sized != nullptr ? sized->host_bytes() : 0);
}

}  // namespace

std::shared_ptr<Executable> PlanCache::find(const compiler::StructureKey& key) {
  const auto [first, last] = by_hash_.equal_range(HashWords()(key));
  for (auto found = first; found != last; ++found) {
    if (found->second->key != key) continue;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->executable;
  }
  return nullptr;
}

void PlanCache::insert(compiler::StructureKey key, std::shared_ptr<Executable> executable) {
  std::size_t bytes = bytes_of(key, *executable);
  for (const Entry& entry : entries_) bytes += bytes_of(entry.key, *entry.executable);
  while (!entries_.empty() && (entries_.size() >= capacity_ || bytes > most_plan_bytes)) {
    const auto oldest = std::prev(entries_.end());
    bytes -= bytes_of(oldest->key, *oldest->executable);
    const auto [first, last] = by_hash_.equal_range(HashWords()(oldest->key));
    by_hash_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == oldest; }));
    entries_.erase(oldest);
  }
  const std::size_t hash = HashWords()(key);
  entries_.push_front({std::move(key), std::move(executable)});
  by_hash_.emplace(hash, entries_.begin());
}

}  // namespace hekla
