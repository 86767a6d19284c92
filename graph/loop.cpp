#include "graph/loop.h"

namespace hekla {

namespace {

const Op loop_op{.name = "loop", .kind = Kind::loop};

}  // namespace

Tensor loop_result(std::shared_ptr<const Loop> loop, std::vector<Tensor> inputs, std::size_t number) {
  const Node& result = loop->results[number].node();
  Shape shape;
  if (!loop->is_state(number)) shape.push_back(loop->count);
  for (const std::int64_t size : result.shape) shape.push_back(size);
  Tensor node = make_leaf(loop_op, shape, result.dtype, nullptr, result.label);
  node.pointer()->inputs = std::move(inputs);
  node.pointer()->attributes.integers = {static_cast<std::int64_t>(number)};
  node.pointer()->loop = std::move(loop);
  return node;
}

std::size_t result_number(const Node& loop_node) {
  return static_cast<std::size_t>(loop_node.attributes.integers[0]);
}

}  // namespace hekla
