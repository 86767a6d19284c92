#include "graph/compiler/capture.h"

#include <bit>
#include <map>

#include "graph/compiler/numbers.h"
#include "graph/visit.h"

namespace hekla::compiler {

Capture capture(const Computation& computation, bool (*is_held)(const Node&)) {
  const std::vector<Tensor> roots = roots_of(computation);
  Capture captured;
  StructureKey& key = captured.key;
  key.reserve(1000);  // of a small model's step
  NodeMap<std::uint64_t> position;
  const auto position_of = [&](const Tensor& tensor) { return *position.find(tensor.get()); };
  std::uint64_t visited = 0;
  const auto is_leaf = [&](const Node& node) {
    return is_storage(node.op->kind) || (is_held != nullptr && is_held(node));
  };
  visit_in_order(roots, is_leaf, [&](const Tensor& tensor, bool leaf) {
    const Node* node = tensor.get();
    key.push_back(leaf ? 0 : reinterpret_cast<std::uintptr_t>(node->op));
    key.push_back(static_cast<std::uint64_t>(node->dtype) << 8 |
                  static_cast<std::uint64_t>(node->shape.rank()));
    for (const std::int64_t size : node->shape) key.push_back(static_cast<std::uint64_t>(size));
    if (leaf) {
      captured.leaves.push_back(node);
    } else {
      captured.computed.push_back(node);
      key.push_back(node->attributes.integers.size());
      for (const std::int64_t integer : node->attributes.integers)
        key.push_back(static_cast<std::uint64_t>(integer));
      if (node->op == &constant_op && may_be_data(node->attributes.number, node->dtype))
        captured.number_uses.push_back({node, key.size()});
      key.push_back(std::bit_cast<std::uint64_t>(node->attributes.number));
      for (const Tensor& input : node->inputs) key.push_back(position_of(input));
    }
    position.add(node).first = visited++;
  });
  key.push_back(computation.outputs.size());
  for (const Tensor& root : roots) key.push_back(position_of(root));
  return captured;
}

Capture::Numbers Capture::numbers() const {
  Numbers numbers;
  std::map<std::pair<double, DType>, int> known;
  for (const NumberUse& use : number_uses) {
    const std::pair value{use.constant->attributes.number, use.constant->dtype};
    const auto [number, is_new] = known.try_emplace(value, static_cast<int>(known.size()));
    if (is_new) numbers.distinct.push_back(use.constant);
    numbers.of_use.push_back(number->second);
  }
  return numbers;
}

}  // namespace hekla::compiler
