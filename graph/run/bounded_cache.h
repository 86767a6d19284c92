// BoundedCache: an LRU cache with a limit in bytes, for values that can be recomputed. The least recently
// used value is evicted first.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

namespace hekla {

template <class Key, class Value, class Hash = std::hash<Key>>
class BoundedCache {
 public:
  explicit BoundedCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The value of `key`, now the most recently used one; null where there is none. Its address is stable
  /// until it is evicted.
  Value* find(const Key& key) {
    const auto [first, last] = by_hash_.equal_range(Hash()(key));
    for (auto found = first; found != last; ++found) {
      if (found->second->key != key) continue;
      entries_.splice(entries_.begin(), entries_, found->second);
      return &found->second->value;
    }
    return nullptr;
  }

  /// Adds a value that takes `bytes`, and evicts others if need be. The new value itself stays, however
  /// large.
  Value& insert(Key key, Value value, std::size_t bytes) {
    const std::size_t hash = Hash()(key);
    entries_.push_front({std::move(key), std::move(value), hash, bytes});
    by_hash_.emplace(hash, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > most_bytes_ && entries_.size() > 1) drop_oldest();
    return entries_.front().value;
  }

  void clear() {
    while (!entries_.empty()) drop_oldest();
  }

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t hash;
    std::size_t bytes;
  };

  void drop_oldest() {
    const auto oldest = std::prev(entries_.end());
    auto [found, last] = by_hash_.equal_range(oldest->hash);
    while (found->second != oldest) ++found;
    by_hash_.erase(found);
    bytes_ -= oldest->bytes;
    entries_.erase(oldest);
  }

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_multimap<std::size_t, typename std::list<Entry>::iterator> by_hash_;
};

}  // namespace hekla
