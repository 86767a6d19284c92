// Common subexpressions.
#include <bit>
#include <map>

#include "graph/graph.h"

namespace hekla {

Graph merge_common_subexpressions(const Graph& graph) {
  // Exact keys rather than hashes: two different nodes must never be taken for one.
  std::map<std::vector<std::uint64_t>, Tensor> seen;
  return rebuild(graph, [&](const Node& node, std::vector<Tensor>& inputs) -> Tensor {
    std::vector<std::uint64_t> key{
        reinterpret_cast<std::uintptr_t>(node.op), static_cast<std::uint64_t>(node.dtype),
        std::bit_cast<std::uint64_t>(node.attributes.number), node.attributes.integers.size()};
    for (const std::int64_t integer : node.attributes.integers)
      key.push_back(static_cast<std::uint64_t>(integer));
    for (const std::int64_t size : node.shape) key.push_back(static_cast<std::uint64_t>(size));
    for (const Tensor& input : inputs) key.push_back(reinterpret_cast<std::uintptr_t>(input.get()));
    const auto [found, is_new] = seen.try_emplace(std::move(key));
    if (is_new) found->second = with_inputs(node, std::move(inputs));
    return found->second;
  });
}

}  // namespace hekla
