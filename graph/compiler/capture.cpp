#include "graph/compiler/capture.h"

#include <bit>
#include <map>

#include "graph/compiler/numbers.h"
#include "graph/loop.h"
#include "graph/visit.h"

namespace hekla::compiler {

namespace {

// The words of a node by itself. The place of its number among them is returned.
std::size_t add_node(const Node& node, bool is_leaf, StructureKey& key) {
  key.push_back(is_leaf ? 0 : reinterpret_cast<std::uintptr_t>(node.op));
  key.push_back(static_cast<std::uint64_t>(node.dtype) << 8 | static_cast<std::uint64_t>(node.shape.rank()));
  for (const std::int64_t size : node.shape) key.push_back(static_cast<std::uint64_t>(size));
  if (is_leaf) return 0;
  key.push_back(node.attributes.integers.size());
  for (const std::int64_t integer : node.attributes.integers)
    key.push_back(static_cast<std::uint64_t>(integer));
  key.push_back(std::bit_cast<std::uint64_t>(node.attributes.number));
  return key.size() - 1;
}

// The body's structure, walked once. Its numbers are structure.
const std::vector<std::uint64_t>& key_of(const Loop& loop) {
  if (!loop.key.empty()) return loop.key;
  StructureKey key{static_cast<std::uint64_t>(loop.count), loop.reversed ? 1u : 0u, loop.states.size(),
                   loop.elements.size(), loop.constants.size()};
  NodeMap<std::uint64_t> position;
  std::uint64_t visited = 0;
  for (const std::vector<Tensor>* leaves : {&loop.states, &loop.elements, &loop.constants}) {
    for (const Tensor& leaf : *leaves) {
      add_node(leaf.node(), true, key);
      position.add(leaf.get()).first = visited++;
    }
  }
  const auto is_leaf = [&](const Node& node) { return position.contains(&node); };
  visit_in_order(loop.results, is_leaf, [&](const Tensor& tensor, bool leaf) {
    if (leaf) return;
    const Node& node = tensor.node();
    add_node(node, false, key);
    if (node.loop) key.insert(key.end(), key_of(*node.loop).begin(), key_of(*node.loop).end());
    for (const Tensor& input : node.inputs) key.push_back(*position.find(input.get()));
    position.add(&node).first = visited++;
  });
  for (const Tensor& result : loop.results) key.push_back(*position.find(result.get()));
  loop.key.assign(key.begin(), key.end());
  return loop.key;
}

}  // namespace

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
    const std::size_t number = add_node(*node, leaf, key);
    if (leaf) {
      captured.leaves.push_back(node);
    } else {
      captured.computed.push_back(node);
      if (node->op == &constant_op && may_be_data(node->attributes.number, node->dtype))
        captured.number_uses.push_back({node, number});
      if (node->loop) key.insert(key.end(), key_of(*node->loop).begin(), key_of(*node->loop).end());
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
