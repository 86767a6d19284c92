// Common subexpression elimination.
#include <bit>
#include <unordered_map>

#include "graph/compiler/graph.h"
#include "graph/hash.h"

namespace hekla::compiler {

Graph merge_common_subexpressions(const Graph& graph) {
  // Keys are compared exactly, not by hash alone: a hash collision must never merge two different nodes.
  std::unordered_map<std::vector<std::uint64_t>, Tensor, HashWords> seen;
  return rebuild(graph, [&](const Tensor& tensor) -> Tensor {
    const Node& node = tensor.node();
    std::vector<std::uint64_t> key;
    key.reserve(4 + node.attributes.integers.size() + static_cast<std::size_t>(node.shape.rank()) +
                node.inputs.size());
    key.push_back(reinterpret_cast<std::uintptr_t>(node.op));
    key.push_back(static_cast<std::uint64_t>(node.dtype));
    key.push_back(std::bit_cast<std::uint64_t>(node.attributes.number));
    key.push_back(reinterpret_cast<std::uintptr_t>(node.loop.get()));
    key.push_back(node.attributes.integers.size());
    for (const std::int64_t integer : node.attributes.integers)
      key.push_back(static_cast<std::uint64_t>(integer));
    for (const std::int64_t size : node.shape) key.push_back(static_cast<std::uint64_t>(size));
    for (const Tensor& input : node.inputs) key.push_back(reinterpret_cast<std::uintptr_t>(input.get()));
    return seen.try_emplace(std::move(key), tensor).first->second;
  });
}

}  // namespace hekla::compiler
