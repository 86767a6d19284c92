// NodeMap, NodeSet: hash tables keyed by node, for graph walks. Each is one contiguous block of memory,
// because a dynamic loop builds and walks its graph at each step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "graph/spare_memory.h"

namespace hekla {

struct Node;

/// A map from nodes that only grows (open addressing, linear probing, at most half full).
template <class T>
class NodeMap {
 public:
  /// The value kept for `node` and whether it was added just now, made as T() is. A reference is valid until
  /// the next node is added.
  std::pair<T&, bool> add(const Node* node) {
    if (2 * (count_ + 1) > places_.size()) grow();
    Place& place = places_[place_of(node)];
    const bool is_new = place.node == nullptr;
    if (is_new) {
      place.node = node;
      ++count_;
    }
    return {place.value, is_new};
  }

  T* find(const Node* node) {
    if (places_.empty()) return nullptr;
    Place& place = places_[place_of(node)];
    return place.node != nullptr ? &place.value : nullptr;
  }
  const T* find(const Node* node) const { return const_cast<NodeMap*>(this)->find(node); }
  bool contains(const Node* node) const { return find(node) != nullptr; }

 private:
  struct Place {
    const Node* node = nullptr;
    T value{};
  };

  std::size_t place_of(const Node* node) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = (reinterpret_cast<std::uintptr_t>(node) * 0x9e3779b97f4a7c15ull >> 32) & mask;
    while (places_[at].node != nullptr && places_[at].node != node) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    constexpr std::size_t smallest = 64;
    SpareVector<Place> old(places_.empty() ? smallest : 2 * places_.size());
    old.swap(places_);
    for (Place& place : old) {
      if (place.node != nullptr) places_[place_of(place.node)] = std::move(place);
    }
  }

  SpareVector<Place> places_;
  std::size_t count_ = 0;
};

/// A set of nodes that only grows.
class NodeSet {
 public:
  /// Adds a node; true if it was not in the set before.
  bool add(const Node* node) { return nodes_.add(node).second; }
  bool contains(const Node* node) const { return nodes_.contains(node); }

 private:
  struct Nothing {};
  NodeMap<Nothing> nodes_;
};

}  // namespace hekla
