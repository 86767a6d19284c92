// Splits loops that are too long for one invocation. A reduction becomes a two-stage reduction: rounds x
// parts elements, folded over the rounds, then over the parts. A matrix product becomes a sum of products of
// sections of the inner axis (split-K). A tensor that is too large to be stored is computed inside the loops
// of its readers, whose own loops must then be shorter.
#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

#include "graph/compiler/graph.h"
#include "graph/compiler/kernel.h"
#include "graph/compiler/positions.h"

namespace hekla::compiler {

namespace {

Meta shape_in_attributes(const Node& node) {
  return {Shape(std::vector<std::int64_t>(node.attributes.integers.begin(),
                                          node.attributes.integers.begin() + 3)),
          node.inputs[0].dtype()};
}

// [.., ..] with some axes folded, seen as [outputs, parts, rounds] or, where the last axis is kept, as
// [rounds, parts, outputs]. A fold over the rounds reads contiguous memory in the first case; in the second,
// neighbouring invocations read neighbouring elements (coalesced).
// Attributes: that shape, the axis of the outputs, then the folded axes.
View grouped(const Node& node) {
  const Shape& from = node.inputs[0].shape();
  const auto outputs = static_cast<int>(node.attributes.integers[3]);
  Shape kept, folded;
  std::vector<bool> is_folded(static_cast<std::size_t>(from.rank()), false);
  for (std::size_t i = 4; i < node.attributes.integers.size(); ++i) {
    is_folded[static_cast<std::size_t>(node.attributes.integers[i])] = true;
  }
  for (int axis = 0; axis < from.rank(); ++axis) {
    (is_folded[static_cast<std::size_t>(axis)] ? folded : kept).push_back(from[axis]);
  }
  const int first = outputs == 0 ? 1 : 0, second = first + 1;
  const Index position =
      Index::axis(first, node.shape[first]) * node.shape[second] + Index::axis(second, node.shape[second]);
  // In whole quads where possible, so that lowering recognizes contiguous elements and vectorizes.
  const std::int64_t whole = folded.count() % quad == 0 ? quad : 1;
  const Index inside =
      clamp(divide(position, whole), 0, folded.count() / whole - 1) * whole + modulo(position, whole);
  const std::vector<Index> in_folded = delinearize(folded, inside);
  const std::vector<Index> in_kept = delinearize(kept, Index::axis(outputs, node.shape[outputs]));
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

// One axis cut into sections of equal size, zero beyond its end: [.., n, ..] becomes [sections, .., size,
// ..]. Attributes: the axis, the number of sections, their size.
const Op section_op{.name = "section",
                    .kind = Kind::view,
                    .arity = 1,
                    .infer = [](const Node& node) -> Meta {
                      const auto& a = node.attributes.integers;
                      Shape shape{a[1]};
                      for (const std::int64_t size : node.inputs[0].shape()) shape.push_back(size);
                      shape[static_cast<int>(a[0]) + 1] = a[2];
                      return {shape, node.inputs[0].dtype()};
                    },
                    .view = [](const Node& node) -> View {
                      const auto& a = node.attributes.integers;
                      const std::int64_t size = node.inputs[0].shape()[static_cast<int>(a[0])];
                      std::vector<Index> index = axes_of(node.shape);
                      const Index position = index[0] * a[2] + index[static_cast<std::size_t>(a[0]) + 1];
                      index.erase(index.begin());
                      index[static_cast<std::size_t>(a[0])] = clamp(position, 0, size - 1);
                      View view{.index = std::move(index)};
                      if (position.high() >= size)
                        view.bounds.push_back({.value = position, .low = 0, .high = size});
                      return view;
                    }};

const Op add_up_op{.name = "add_up",
                   .kind = Kind::reduce,
                   .arity = 1,
                   .infer = [](const Node& node) -> Meta {
                     Shape shape = node.inputs[0].shape();
                     for (const std::int64_t axis : reduced_axes(node)) shape[static_cast<int>(axis)] = 1;
                     return {shape, node.inputs[0].dtype()};
                   },
                   .glsl = "({0} + {1})",
                   .identity = 0,
                   .eval = [](std::span<const double> x, DType) { return x[0] + x[1]; }};

Tensor ungrouped(const Tensor& x, const Shape& shape) {
  return apply(ungroup_op, {x}, {.integers = {shape.begin(), shape.end()}});
}

class Splitter {
 public:
  explicit Splitter(const DeviceProfile& device) : device_(device) {}
  Tensor reduction(const Node& node, const Tensor& x);
  Tensor product(const Node& node, const std::vector<Tensor>& factors);
  std::int64_t turns_inside(const Tensor& x);

 private:
  bool may_be_stored(const Node& node) const { return can_be_stored(node, device_.max_stored_bytes); }
  Tensor in_stages(const Node& node, const Tensor& x);

  const DeviceProfile& device_;
  struct Known {
    Tensor held;  // keeps the node alive, so that its address is not reused
    std::int64_t turns;
  };
  std::unordered_map<const Node*, Known> known_;
};

// Loop iterations of computing one element of `x` inside a reader, where `x` is too large to be stored.
std::int64_t Splitter::turns_inside(const Tensor& x) {
  const Node& node = x.node();
  if (node.inputs.empty() || may_be_stored(node)) return 0;
  if (const auto found = known_.find(&node); found != known_.end()) return found->second.turns;
  std::int64_t turns = 0;
  for (const Tensor& input : node.inputs) turns += turns_inside(input);
  turns = std::min(turns, device_.max_iterations);
  if (node.op->kind == Kind::reduce) {
    const std::int64_t length = node.inputs[0].count() / std::max<std::int64_t>(1, node.shape.count());
    turns = std::min(device_.max_iterations, std::min(length, device_.max_iterations) * (1 + turns));
  }
  known_.emplace(&node, Known{x, turns});
  return turns;
}

// A reduction in stages: first the inner axes, as many as one kernel can index, then the others.
Tensor Splitter::in_stages(const Node& node, const Tensor& x) {
  std::vector<std::int64_t> outer(reduced_axes(node).begin(), reduced_axes(node).end()), inner;
  std::int64_t count = 1;
  while (!outer.empty() && x.shape()[static_cast<int>(outer.back())] <= most_positions / count) {
    count *= x.shape()[static_cast<int>(outer.back())];
    inner.insert(inner.begin(), outer.back());
    outer.pop_back();
  }
  const auto folded = [&](const Tensor& from, const std::vector<std::int64_t>& axes) {
    const Tensor whole = apply(*node.op, {from}, {.integers = axes});
    const Tensor split = reduction(whole.node(), from);
    return split.defined() ? split : whole;
  };
  if (!inner.empty() && !outer.empty()) return folded(folded(x, inner), outer);
  // A single axis that is too long to index is reduced over the axes that a reshape joined into it.
  const bool is_reshaped =
      x.node().op->kind == Kind::view && x.node().inputs.size() == 1 && keeps_order(x.node());
  if (!is_reshaped || node.shape.count() != 1) return {};
  const Tensor& before = x.node().inputs[0];
  std::vector<std::int64_t> all(static_cast<std::size_t>(before.rank()));
  std::iota(all.begin(), all.end(), 0);
  return ungrouped(folded(before, all), node.shape);
}

Tensor Splitter::reduction(const Node& node, const Tensor& x) {
  const std::int64_t outputs = node.shape.count();
  if (outputs == 0 || !may_be_stored(node)) return {};
  const std::int64_t length = x.count() / outputs;
  if (length > most_positions) return in_stages(node, x);
  // The limit leaves some iterations for the operations after the loop.
  const std::int64_t longest =
      std::min(device_.longest_reduction, device_.max_iterations * 15 / 16 / (1 + turns_inside(x)));
  const bool starved =
      length >= device_.shortest_split_reduction && outputs < device_.enough_reduction_outputs;
  if (!starved && length <= longest) return {};
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(length)));
  std::int64_t parts = std::int64_t{1} << (bits + 1) / 2;  // about the square root
  const std::span<const std::int64_t> folded = reduced_axes(node);
  const bool last_is_kept = std::find(folded.begin(), folded.end(), x.rank() - 1) == folded.end();
  std::int64_t rounds = last_is_kept ? (length + parts - 1) / parts  // else stretches of whole quads
                                     : (length + quad * parts - 1) / (quad * parts) * quad;
  if (rounds > longest && longest < device_.longest_reduction) {
    rounds = std::max<std::int64_t>(1, longest);
    parts = (length + rounds - 1) / rounds;
  }
  Attributes grouping{.integers = last_is_kept ? std::vector{rounds, parts, outputs, std::int64_t{2}}
                                               : std::vector{outputs, parts, rounds, std::int64_t{0}},
                      .number = *node.op->identity};
  grouping.integers.insert(grouping.integers.end(), folded.begin(), folded.end());
  const std::int64_t along_rounds = last_is_kept ? 0 : 2;
  const Tensor sections = apply(*node.op, {apply(group_op, {x}, grouping)}, {.integers = {along_rounds}});
  const Tensor whole = apply(*node.op, {sections}, {.integers = {1}});
  return ungrouped(whole, node.shape);
}

// One factor of a product, broadcast to every term of it: [.., rows, inner] or [.., inner, columns] becomes
// [.., rows, columns, inner]. Attributes: the axis of the factor that is repeated, counted from its end, and
// that shape.
const Op spread_op{.name = "spread",
                   .kind = Kind::view,
                   .arity = 1,
                   .infer = [](const Node& node) -> Meta {
                     const auto& a = node.attributes.integers;
                     return {Shape(std::span(a).subspan(1)), node.inputs[0].dtype()};
                   },
                   .view = [](const Node& node) -> View {
                     const bool is_left = node.attributes.integers[0] == 0;
                     std::vector<Index> index = axes_of(node.shape);
                     if (is_left) {
                       index.erase(index.end() - 2);  // columns
                     } else {
                       index.erase(index.end() - 3);  // rows
                       std::swap(index.back(), *(index.end() - 2));
                     }
                     return {index};
                   }};

const Op pair_product_op{.name = "pair_product",
                         .kind = Kind::elementwise,
                         .arity = 2,
                         .infer = [](const Node& node) -> Meta {
                           return {node.inputs[0].shape(), DType::f32};
                         },
                         .glsl = "({0} * {1})",
                         .eval = [](std::span<const double> x, DType) { return x[0] * x[1]; }};

// A product too large to be stored, written out as elementwise products and a sum over the inner axis.
Tensor sum_of_products(const Node& node, const std::vector<Tensor>& factors) {
  Shape terms = node.shape;
  terms.push_back(factors[0].shape().back());
  const auto spread = [&](std::size_t which) {
    std::vector<std::int64_t> integers{static_cast<std::int64_t>(which)};
    integers.insert(integers.end(), terms.begin(), terms.end());
    return apply(spread_op, {factors[which]}, {.integers = integers});
  };
  const Tensor products = apply(pair_product_op, {spread(0), spread(1)});
  return ungrouped(apply(add_up_op, {products}, {.integers = {node.shape.rank()}}), node.shape);
}

Tensor Splitter::product(const Node& node, const std::vector<Tensor>& factors) {
  const std::int64_t inner = factors[0].shape().back();
  const std::int64_t outputs = node.shape.count();
  if (outputs == 0) return {};
  if (!may_be_stored(node)) return sum_of_products(node, factors);
  // The product loop is vectorized: a kernel takes four elements of the inner axis per iteration.
  const std::int64_t each = 1 + turns_inside(factors[0]) + turns_inside(factors[1]);
  const std::int64_t longest =
      std::min(device_.longest_product, device_.max_iterations * 15 / 16 / each * quad);
  std::int64_t sections = (inner + longest - 1) / std::max<std::int64_t>(1, longest);
  if (inner >= device_.shortest_split_product && outputs < device_.enough_product_outputs) {
    const std::int64_t wanted = (device_.enough_product_outputs + outputs - 1) / outputs;
    sections = std::max(
        sections, std::min({wanted, inner / device_.shortest_product_section, device_.max_product_sections}));
  }
  if (sections <= 1) return {};
  const std::int64_t size = (inner + sections - 1) / sections;
  const int rank = node.shape.rank();
  const Tensor left = apply(section_op, {factors[0]}, {.integers = {rank - 1, sections, size}});
  const Tensor right = apply(section_op, {factors[1]}, {.integers = {rank - 2, sections, size}});
  return ungrouped(apply(add_up_op, {apply(*node.op, {left, right})}, {.integers = {0}}), node.shape);
}

}  // namespace

Graph split_long_loops(const Graph& graph, const DeviceProfile& device) {
  Splitter splitter(device);
  const auto split = [&](const Graph& whole) {
    return rebuild(whole, [&](const Tensor& tensor) -> Tensor {
      const Node& node = tensor.node();
      Tensor split;
      if (node.op->kind == Kind::reduce) split = splitter.reduction(node, node.inputs[0]);
      if (node.op->kind == Kind::matmul) split = splitter.product(node, node.inputs);
      // Memoized in topological order, so that the recursion goes only one level deep on a long chain.
      if (!split.defined()) splitter.turns_inside(tensor);
      return split;
    });
  };
  // Two passes: the two stages of a reduction of more than longest^2 elements are too long themselves, and so
  // is the sum of very many sections.
  return split(split(graph));
}

}  // namespace hekla::compiler
