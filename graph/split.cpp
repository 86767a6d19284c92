// Splitting long reductions in two: rounds x parts elements, folded over the rounds, then over the parts.
#include <bit>

#include "graph/graph.h"

namespace hekla {

namespace {

// Below this many folded elements a second kernel costs more than the parallelism is worth; with this many
// outputs there is parallelism enough without it.
constexpr std::int64_t shortest_split = 512;
constexpr std::int64_t enough_outputs = 256;

Meta shape_in_attributes(const Node& node) {
  return {Shape(std::vector<std::int64_t>(node.attributes.integers.begin(),
                                          node.attributes.integers.begin() + 3)),
          node.inputs[0].dtype()};
}

// [.., ..] with some axes folded, seen as [outputs, rounds, parts]; attributes: that shape, then the folded
// axes. Element i of the folded axes is at (i / parts, i % parts), so that neighbouring invocations read
// neighbours.
View grouped(const Node& node) {
  const Shape& from = node.inputs[0].shape();
  Shape kept, folded;
  std::vector<bool> is_folded(static_cast<std::size_t>(from.rank()), false);
  for (std::size_t i = 3; i < node.attributes.integers.size(); ++i) {
    is_folded[static_cast<std::size_t>(node.attributes.integers[i])] = true;
  }
  for (int axis = 0; axis < from.rank(); ++axis) {
    (is_folded[static_cast<std::size_t>(axis)] ? folded : kept).push_back(from[axis]);
  }
  const Index position = Index::axis(1, node.shape[1]) * node.shape[2] + Index::axis(2, node.shape[2]);
  const std::vector<Index> in_folded = delinearize(folded, clamp(position, 0, folded.count() - 1));
  const std::vector<Index> in_kept = delinearize(kept, Index::axis(0, node.shape[0]));
  View view{.index = {}, .fill = node.attributes.number};
  std::size_t next_kept = 0;
  std::size_t next_folded = 0;
  for (int axis = 0; axis < from.rank(); ++axis) {
    view.index.push_back(is_folded[static_cast<std::size_t>(axis)] ? in_folded[next_folded++]
                                                                   : in_kept[next_kept++]);
  }
  if (position.high() >= folded.count()) {
    view.bounds.push_back({.value = position, .low = 0, .high = folded.count()});
  }
  return view;
}

const Op group_op{
    .name = "group", .kind = Kind::view, .arity = 1, .infer = shape_in_attributes, .view = grouped};

// Back to the shape of the reduction that was split: the same elements in the same order.
const Op ungroup_op{
    .name = "ungroup",
    .kind = Kind::view,
    .arity = 1,
    .infer = [](const Node& node) -> Meta {
      return {Shape(node.attributes.integers), node.inputs[0].dtype()};
    },
    .view = [](const Node& node) -> View {
      return {delinearize(node.inputs[0].shape(), linearize(node.shape, axes_of(node.shape)))};
    }};

}  // namespace

Graph split_reductions(const Graph& graph, std::int64_t longest) {
  return rebuild(graph, [&](const Node& node, std::vector<Tensor>& inputs) -> Tensor {
    if (node.op->kind != Kind::reduce) return {};
    const std::int64_t outputs = node.shape.count();
    if (outputs == 0) return {};
    const std::int64_t length = node.inputs[0].count() / outputs;
    const bool starved = length >= shortest_split && outputs < enough_outputs;
    if (!starved && length <= longest) return {};
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(length)));
    std::int64_t parts = std::int64_t{1} << (bits + 1) / 2;  // about the square root
    while ((length + parts - 1) / parts > longest) parts *= 2;
    Attributes grouping{.integers = {outputs, (length + parts - 1) / parts, parts},
                        .number = node.op->identity};
    grouping.integers.insert(grouping.integers.end(), node.attributes.integers.begin(),
                             node.attributes.integers.end());
    const Tensor rounds = apply(*node.op, {apply(group_op, {inputs[0]}, grouping)}, {.integers = {1}});
    const Tensor whole = apply(*node.op, {rounds}, {.integers = {2}});
    return apply(ungroup_op, {whole}, {.integers = {node.shape.begin(), node.shape.end()}});
  });
}

}  // namespace hekla
