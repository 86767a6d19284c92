#include "graph/run/structure.h"

#include <bit>

#include "graph/compiler/numbers.h"
#include "graph/run/current.h"
#include "graph/visit.h"

namespace hekla {

Structure structure_of(const Computation& computation, HeldValues held) {
  const std::vector<Tensor> roots = roots_of(computation);
  Structure structure;
  structure.key.reserve(1000);  // of a small model's step
  NodeMap<std::uint64_t> position;
  const auto position_of = [&](const Tensor& tensor) { return *position.find(tensor.get()); };
  std::uint64_t visited = 0;
  const auto is_leaf = [&](const Node& node) {
    if (is_storage(node.op->kind)) return true;
    return held == HeldValues::are_leaves && node.value != nullptr && is_current(node);
  };
  visit_in_order(roots, is_leaf, [&](const Tensor& tensor, bool leaf) {
    const Node* node = tensor.get();
    structure.key.push_back(leaf ? 0 : reinterpret_cast<std::uintptr_t>(node->op));
    structure.key.push_back(static_cast<std::uint64_t>(node->dtype) << 8 |
                            static_cast<std::uint64_t>(node->shape.rank()));
    for (const std::int64_t size : node->shape) structure.key.push_back(static_cast<std::uint64_t>(size));
    if (leaf) {
      structure.leaves.push_back(node);
    } else {
      structure.key.push_back(node->attributes.integers.size());
      for (const std::int64_t integer : node->attributes.integers) {
        structure.key.push_back(static_cast<std::uint64_t>(integer));
      }
      if (node->op == &constant_op && compiler::may_be_data(node->attributes.number, node->dtype))
        structure.numbers.push_back({structure.key.size(), node->dtype});
      structure.key.push_back(std::bit_cast<std::uint64_t>(node->attributes.number));
      for (const Tensor& input : node->inputs) structure.key.push_back(position_of(input));
    }
    position.add(node).first = visited++;
  });
  structure.key.push_back(computation.outputs.size());
  for (const Tensor& root : roots) structure.key.push_back(position_of(root));
  return structure;
}

}  // namespace hekla
