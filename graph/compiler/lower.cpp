// Lowering: from nodes to scalar programs. Views are eliminated here: a view maps the index of an element to
// an index into its input, and only the final load sees the composed index.
#include "graph/compiler/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "graph/compiler/graph.h"
#include "graph/compiler/positions.h"
#include "graph/compiler/work.h"

namespace hekla::compiler {

namespace {

struct Request {
  const Node* node;
  std::vector<Index> index;
  bool operator==(const Request&) const = default;
};

struct HashRequest {
  std::size_t operator()(const Request& request) const {
    std::size_t hash = reinterpret_cast<std::uintptr_t>(request.node);
    for (const Index& index : request.index) hash = hash * 0x9e3779b97f4a7c15ull + index.hash();
    return hash;
  }
};

// Depth limit of lowering, which recurses over the nodes from a result to its loads. Fusion never chooses so
// long a chain; only nodes too large to be stored form one.
constexpr int deepest = 500;

class Lowering {
 public:
  Lowering(const Group& group, const SlotOf& slot_of, std::vector<int>& operands, int first_free_axis)
      : group_(group), slot_of_(slot_of), operands_(operands), first_free_axis_(first_free_axis) {}

  /// The position of `node`'s element at `index` in the body.
  int value(const Node& node, const std::vector<Index>& index) {
    const Request request{&node, index};
    if (const auto known = known_.find(request); known != known_.end()) return known->second;
    if (depth_ == deepest)
      throw KernelTooLarge("[compile] a kernel would compute too many operations in a row.");
    ++depth_;
    const int result = compute(node, index);
    --depth_;
    const Request& kept = known_.emplace(request, result).first->first;
    // A value computed in a loop is reused only until the loop's end, because later loops have the same axis.
    if (Loop* loop = innermost(body_.values[static_cast<std::size_t>(result)].varies))
      loop->known.push_back(&kept);
    return result;
  }

  /// The same with a bounds check: 0 where `bound` does not hold.
  int value_inside(const Node& node, const std::vector<Index>& index, const View::Bound& bound) {
    return emit({.kind = Scalar::Kind::inside,
                 .dtype = node.dtype,
                 .bounds = {bound},
                 .arguments = {value(node, index)}});
  }

  /// Sets the anchor, whose value is computed outside of this body, at `index`, which has all axes in play.
  void set_anchor(const Node* anchor, const Index& index) {
    anchor_ = anchor;
    anchor_index_ = index;
  }

  Body take(std::vector<int> results) {
    body_.results = std::move(results);
    body_.drop_unused();
    return std::move(body_);
  }

 private:
  int compute(const Node& node, const std::vector<Index>& index) {
    if (&node == anchor_) {
      return emit({.kind = Scalar::Kind::anchor, .dtype = node.dtype, .index = anchor_index_});
    }
    const bool own_result =
        std::find(group_.results.begin(), group_.results.end(), &node) != group_.results.end();
    if (const int slot = own_result ? -1 : slot_of_(node); slot >= 0) {
      const Index element = linearize(node.shape, index);
      check_index(element, node);
      return emit(
          {.kind = Scalar::Kind::load, .dtype = node.dtype, .index = element, .operand = operand(slot)});
    }
    switch (node.op->kind) {
      case Kind::constant:
        return emit({.kind = Scalar::Kind::constant,
                     .dtype = node.dtype,
                     .number = constant_value(node),
                     .number_of_plan = number_of(node)});
      case Kind::iota:
        return position(node, index[static_cast<std::size_t>(iota_axis(node))]);
      case Kind::view:
        return through_view(node, index);
      case Kind::gather:
        return gathered(node, index);
      case Kind::reduce:
        return folded(node, index);
      default:
        break;
    }
    Scalar scalar{.kind = Scalar::Kind::apply, .dtype = node.dtype, .op = node.op};
    for (const Tensor& input : node.inputs) scalar.arguments.push_back(value(input.node(), index));
    return emit(std::move(scalar));
  }

  int position(const Node& iota, const Index& along) {
    // Unsigned arithmetic is right here as far as sums that wrap around are.
    const bool is_unsigned = iota.dtype == DType::u32;
    check_index(along, iota, is_unsigned ? std::numeric_limits<std::uint32_t>::max() : most_positions);
    return emit({.kind = Scalar::Kind::index, .dtype = iota.dtype, .index = along});
  }

  int through_view(const Node& node, const std::vector<Index>& index) {
    const View view = node.op->view(node);
    const auto here = [&](const Index& in_view) {
      return substitute(in_view,
                        [&](const Index::Atom& axis) { return index[static_cast<std::size_t>(axis.id)]; });
    };
    std::vector<Index> source;
    for (const Index& along : view.index) source.push_back(here(along));
    const int element = value(node.inputs[0].node(), source);
    Scalar inside{
        .kind = Scalar::Kind::inside, .dtype = node.dtype, .number = view.fill, .arguments = {element}};
    for (const View::Bound& bound : view.bounds) {
      const Index moved = here(bound.value);
      const bool always = bound.step == 1 && moved.low() >= bound.low && moved.high() < bound.high;
      if (always) continue;
      check_index(moved, node);
      inside.bounds.push_back({moved, bound.low, bound.high, bound.step});
    }
    return inside.bounds.empty() ? element : emit(std::move(inside));
  }

  int gathered(const Node& node, const std::vector<Index>& index) {
    const int axis = gather_axis(node);
    const Node& picks = node.inputs[1].node();
    const auto first = index.begin() + axis;
    const auto last = first + picks.shape.rank();
    const int pick = value(picks, std::vector<Index>(first, last));
    const Scalar& computed = body_.values[static_cast<std::size_t>(pick)];
    std::vector<Index> source(index.begin(), first);
    source.push_back(Index::computed(pick, node.inputs[0].shape()[axis], computed.varies));
    source.insert(source.end(), last, index.end());
    return value(node.inputs[0].node(), source);
  }

  // A loop for each folded axis, the last one innermost.
  int folded(const Node& node, std::vector<Index> index) {
    std::vector<int> loops;
    for (const std::int64_t axis : reduced_axes(node)) {
      const std::int64_t extent = node.inputs[0].shape()[static_cast<int>(axis)];
      const int loop = free_axis();
      open_.push_back({loop, extent, {}, {}});
      loops.push_back(loop);
      index[static_cast<std::size_t>(axis)] = Index::axis(loop, extent);
    }
    int result = value(node.inputs[0].node(), index);
    while (!loops.empty()) {
      Loop loop = std::move(open_.back());
      open_.pop_back();
      loops.pop_back();
      for (const Request* request : loop.known) known_.erase(*request);
      result = emit({.kind = Scalar::Kind::fold,
                     .dtype = node.dtype,
                     .number = *node.op->identity,
                     .op = node.op,
                     .arguments = {result},
                     .axis = loop.axis,
                     .extent = loop.extent,
                     .block = std::move(loop.block)});
    }
    return result;
  }

  // Emits into the innermost open loop that the value varies with, so that loop-invariant values are hoisted
  // out of the inner loops.
  int emit(Scalar scalar) {
    scalar.varies = axes_varied_with(scalar, body_.values);
    const int id = static_cast<int>(body_.values.size());
    Loop* loop = innermost(scalar.varies);
    (loop ? loop->block : body_.order).push_back(id);
    body_.values.push_back(std::move(scalar));
    return id;
  }

  int operand(int slot) {
    const auto found = std::find(operands_.begin(), operands_.end(), slot);
    if (found != operands_.end()) return static_cast<int>(found - operands_.begin());
    operands_.push_back(slot);
    return static_cast<int>(operands_.size()) - 1;
  }

  struct Loop {
    int axis;
    std::int64_t extent;
    std::vector<int> block;
    std::vector<const Request*> known;  // values computed in `block`
  };

  // The innermost open loop that a value of these axes varies with; null where there is none.
  Loop* innermost(std::uint64_t axes) {
    const auto loop = std::find_if(open_.rbegin(), open_.rend(),
                                   [&](const Loop& each) { return (axes >> each.axis & 1) != 0; });
    return loop == open_.rend() ? nullptr : &*loop;
  }

  // The first axis number that no enclosing loop uses.
  int free_axis() const {
    for (int axis = first_free_axis_; axis < component_axis; ++axis) {
      if (std::none_of(open_.begin(), open_.end(), [&](const Loop& loop) { return loop.axis == axis; }))
        return axis;
    }
    throw KernelTooLarge("[compile] a kernel would have more loops inside each other than there are axes.");
  }

  const Group& group_;
  const SlotOf& slot_of_;
  std::vector<int>& operands_;
  const Node* anchor_ = nullptr;
  Index anchor_index_;
  int first_free_axis_;
  int depth_ = 0;
  std::vector<Loop> open_;
  Body body_;
  std::unordered_map<Request, int, HashRequest> known_;
};

// The program of the stored results, given the element's row-major position in all of them.
Body lower_results(const Group& group, const SlotOf& slot_of, const Index& element, int first_free_axis,
                   Kernel& kernel) {
  Lowering lowering(group, slot_of, kernel.operands, first_free_axis);
  lowering.set_anchor(group.anchor, element);
  std::vector<int> results;
  for (const Node* result : group.results) {
    const int value = lowering.value(*result, delinearize(result->shape, element));
    kernel.stores.push_back({value, static_cast<int>(results.size()), element, result->dtype});
    results.push_back(value);
  }
  return lowering.take(results);
}

// Counts the loads of `body` that are aligned contiguous quads along `axis`, and those that are not and vary
// with it.
struct QuadLoads {
  int quads = 0;
  int scattered = 0;
};

QuadLoads quad_loads(Body body, int axis, std::int64_t extent) {
  QuadLoads loads;
  if (extent % quad != 0) return {0, 1};
  widen(body, axis, extent);
  for (const Scalar& scalar : body.values) {
    if (scalar.kind != Scalar::Kind::load || !(scalar.varies >> component_axis & 1)) continue;
    Index quads;
    ++(is_quad(scalar.index, quads) ? loads.quads : loads.scattered);
  }
  return loads;
}

void widen_results(Body& result, std::vector<Store>& stores, int axis, std::int64_t extent) {
  widen(result, axis, extent);
  // Stores, unlike loads, are not clamped to the last element: packed elements beyond the end go to the
  // padding of their memory, and products are guarded.
  for (Store& store : stores) {
    store.index = substitute(store.index, [&](const Index::Atom& leaf) -> Index {
      return leaf.id == axis ? quads_and_component(axis, extent) : Index::axis(leaf.id, leaf.high + 1);
    });
  }
}

// Computes by rows along the last axis: one invocation computes a row. It pays where rows are short and
// neighbours would compute the same loops, as in a softmax over a few classes.
std::optional<Kernel> lower_rows(const Group& group, const SlotOf& slot_of, const DeviceProfile& device,
                                 std::vector<int> operands, const Kernel& flat) {
  const Shape& shape = group.results[0]->shape;
  if (flat.iterations() == 0 || shape.rank() == 0 || shape.back() > device.longest_row) return std::nullopt;
  Kernel rows{.form = MapKernel{}, .operands = std::move(operands)};
  MapPart part{.body = {}, .items = group.count / shape.back(), .row = shape.back()};
  const Index element =
      Index::axis(MapPart::item_axis, part.items) * part.row + Index::axis(MapPart::element_axis, part.row);
  part.body = lower_results(group, slot_of, element, MapPart::first_loop_axis, rows);
  const double alone = static_cast<double>(part.row) * operations_of_item(flat);
  rows.form = MapKernel{{std::move(part)}};
  const bool spares = operations_of_item(rows) < device.row_saving * alone;
  return spares && rows.iterations() <= device.max_iterations ? std::optional(rows) : std::nullopt;
}

Kernel lower_equal_map(const Group& group, const SlotOf& slot_of, const DeviceProfile& device,
                       std::vector<int> operands) {
  constexpr int axis = MapPart::item_axis;
  // Without rows the axis within a row is free for loops.
  constexpr int first_loop_axis = MapPart::element_axis;
  Kernel kernel{.form = MapKernel{{MapPart{.body = {}, .items = group.count}}}, .operands = operands};
  MapPart& part = std::get<MapKernel>(kernel.form).parts[0];
  part.body = lower_results(group, slot_of, Index::axis(axis, group.count), first_loop_axis, kernel);
  // Packed results must be vectorized to quads: a shader writes whole words.
  const bool packed = device.quads && is_packed(group.results[0]->dtype);
  if (!packed) {
    if (std::optional<Kernel> rows = lower_rows(group, slot_of, device, std::move(operands), kernel))
      return *rows;
  }
  if (!device.quads) return kernel;
  const QuadLoads loads = quad_loads(part.body, axis, group.count);
  part.wide = packed || (group.count % quad == 0 && loads.scattered == 0);
  if (part.wide) {
    widen_results(part.body, kernel.stores, axis, group.count);
    part.items = (group.count + quad - 1) / quad;
  }
  return kernel;
}

// Results of several sizes (horizontal fusion) make one part for each size.
Kernel lower_map(const Group& group, const SlotOf& slot_of, const DeviceProfile& device) {
  std::vector<std::int64_t> sizes;
  for (const Node* result : group.results) {
    if (std::find(sizes.begin(), sizes.end(), result->shape.count()) == sizes.end())
      sizes.push_back(result->shape.count());
  }
  Kernel kernel{.form = MapKernel{}};
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    Group equal{.form = Form::map, .results = {}, .count = sizes[p], .loads = {}};
    std::vector<int> places;
    for (std::size_t i = 0; i < group.results.size(); ++i) {
      if (group.results[i]->shape.count() != sizes[p]) continue;
      equal.results.push_back(group.results[i]);
      places.push_back(static_cast<int>(i));
    }
    Kernel equal_map = lower_equal_map(equal, slot_of, device, std::move(kernel.operands));
    for (Store& store : equal_map.stores) {
      store.slot = places[static_cast<std::size_t>(store.slot)];
      store.part = static_cast<int>(p);
    }
    kernel.operands = std::move(equal_map.operands);
    kernel.stores.insert(kernel.stores.end(), equal_map.stores.begin(), equal_map.stores.end());
    std::get<MapKernel>(kernel.form).parts.push_back(std::move(std::get<MapKernel>(equal_map.form).parts[0]));
  }
  return kernel;
}

Kernel lower_reduce(const Group& group, const SlotOf& slot_of, const DeviceProfile& device) {
  using Axes = ReduceKernel;
  const Node& anchor = *group.anchor;
  const Node& input = anchor.inputs[0].node();
  Kernel kernel;
  ReduceKernel reduce{.fold = anchor.op, .dtype = anchor.dtype, .items = anchor.shape.count()};
  Shape folded;
  for (const std::int64_t axis : reduced_axes(anchor)) folded.push_back(input.shape[static_cast<int>(axis)]);
  reduce.length = folded.count();
  check_count(reduce.length, input, "would be folded in one loop");
  const Index item = Index::axis(Axes::item_axis, reduce.items);
  std::vector<Index> index = delinearize(anchor.shape, item);
  const std::vector<Index> along = delinearize(folded, Index::axis(Axes::folded_axis, reduce.length));
  for (std::size_t i = 0; i < along.size(); ++i) {
    index[static_cast<std::size_t>(reduced_axes(anchor)[i])] = along[i];
  }
  Lowering lowering(group, slot_of, kernel.operands, Axes::first_loop_axis);
  reduce.element = lowering.take({lowering.value(input, index)});
  reduce.result = lower_results(group, slot_of, item, Axes::first_loop_axis, kernel);

  const QuadLoads by_output = quad_loads(reduce.element, Axes::item_axis, reduce.items);
  const QuadLoads by_length = quad_loads(reduce.element, Axes::folded_axis, reduce.length);
  if (device.quads && by_length.quads > 0 && by_length.scattered == 0) {
    reduce.wide_length = true;
    widen(reduce.element, Axes::folded_axis, reduce.length);
  } else if (device.quads && by_output.quads > 0 && by_output.scattered == 0) {
    reduce.wide = true;
    widen(reduce.element, Axes::item_axis, reduce.items);
    widen_results(reduce.result, kernel.stores, Axes::item_axis, reduce.items);
    reduce.items /= quad;
  }
  kernel.form = std::move(reduce);
  return kernel;
}

Body lower_factor(const Group& group, const SlotOf& slot_of, const Node& factor, std::int64_t matrices,
                  int row_axis, int column_axis, Kernel& kernel) {
  using Axes = MatmulKernel;
  const int rank = factor.shape.rank();
  const Shape leading(std::span<const std::int64_t>(factor.shape.begin(), factor.shape.end() - 2));
  std::vector<Index> index = delinearize(leading, Index::axis(Axes::matrix_axis, matrices));
  index.push_back(Index::axis(row_axis, factor.shape[rank - 2]));
  index.push_back(Index::axis(column_axis, factor.shape[rank - 1]));
  Lowering lowering(group, slot_of, kernel.operands, Axes::first_loop_axis);
  return lowering.take({lowering.value(factor, index)});
}

// Padding of a factor: the skeletons read positions up to the next multiple of four. There an outer axis
// repeats its last element, and the inner axis is zero, the identity element of the sum.
void pad_axis(Body& factor, int axis, std::int64_t extent) {
  const Index padded = Index::axis(axis, (extent + quad - 1) / quad * quad);
  factor.replace_axes([&](const Index::Atom& leaf) -> Index {
    return leaf.id == axis ? clamp(padded, 0, extent - 1) : Index::axis(leaf.id, leaf.high + 1);
  });
}

void zero_beyond(Body& factor, int axis, std::int64_t extent) {
  const Index padded = Index::axis(axis, (extent + quad - 1) / quad * quad);
  Scalar inside{.kind = Scalar::Kind::inside,
                .dtype = DType::f32,
                .bounds = {{padded, 0, extent}},
                .arguments = factor.results};
  inside.varies = axes_varied_with(inside, factor.values);
  factor.results = {static_cast<int>(factor.values.size())};
  factor.order.push_back(factor.results[0]);
  factor.values.push_back(std::move(inside));
}

// Vectorizes a factor along the inner or the outer axis, whichever has its elements contiguous in memory.
bool widen_factor(Body& factor, int outer_axis, std::int64_t outer, std::int64_t inner) {
  constexpr int inner_axis = MatmulKernel::inner_axis;
  const QuadLoads by_inner = quad_loads(factor, inner_axis, inner);
  const QuadLoads by_outer = quad_loads(factor, outer_axis, outer);
  const bool along_inner = by_inner.quads > by_outer.quads ||
                           (by_inner.quads == by_outer.quads && by_inner.scattered <= by_outer.scattered);
  if (outer % quad != 0) pad_axis(factor, outer_axis, outer);
  if (inner % quad != 0) {
    pad_axis(factor, inner_axis, inner);
    zero_beyond(factor, inner_axis, inner);
  }
  const std::int64_t extent = along_inner ? inner : outer;
  widen(factor, along_inner ? inner_axis : outer_axis, (extent + quad - 1) / quad * quad);
  return along_inner;
}

Kernel lower_matmul(const Group& group, const SlotOf& slot_of, const DeviceProfile& device) {
  using Axes = MatmulKernel;
  const Node& anchor = *group.anchor;
  const int rank = anchor.shape.rank();
  const std::int64_t rows = anchor.shape[rank - 2], columns = anchor.shape[rank - 1];
  // A product of fewer columns than the narrowest tile is computed transposed: its many rows then fill the
  // lanes, which is worth more than contiguous stores.
  const bool transposed = columns < device.narrowest_tile && rows > columns;
  Kernel kernel;
  MatmulKernel product{.matrices = anchor.shape.count() / (rows * columns),
                       .rows = transposed ? columns : rows,
                       .columns = transposed ? rows : columns,
                       .inner = anchor.inputs[0].shape().back(),
                       .factor_dtype = anchor.inputs[0].dtype()};
  check_count(product.inner, anchor.inputs[0].node(), "would be multiplied in one loop");
  const int row_axis = transposed ? Axes::column_axis : Axes::row_axis;
  const int column_axis = transposed ? Axes::row_axis : Axes::column_axis;
  Body first = lower_factor(group, slot_of, anchor.inputs[0].node(), product.matrices, row_axis,
                            Axes::inner_axis, kernel);
  Body second = lower_factor(group, slot_of, anchor.inputs[1].node(), product.matrices, Axes::inner_axis,
                             column_axis, kernel);
  product.left = std::move(transposed ? second : first);
  product.right = std::move(transposed ? first : second);
  const Index matrix = Index::axis(Axes::matrix_axis, product.matrices);
  const Index row = Index::axis(row_axis, rows), column = Index::axis(column_axis, columns);
  product.result =
      lower_results(group, slot_of, (matrix * rows + row) * columns + column, Axes::first_loop_axis, kernel);
  if (device.quads) {
    product.left_along_inner = widen_factor(product.left, Axes::row_axis, product.rows, product.inner);
    product.right_along_inner =
        widen_factor(product.right, Axes::column_axis, product.columns, product.inner);
    widen_results(product.result, kernel.stores, Axes::column_axis, product.columns);
  }
  kernel.form = std::move(product);
  return kernel;
}

// A custom body gets its node's shapes and attributes as ints, so they must fit.
void check_custom(const Node& node) {
  check_count(node.op->kernel->invocations(node), node, "would take as many invocations as elements");
  for (const std::int64_t integer : node.attributes.integers) {
    if (integer <= most_positions && integer >= -most_positions) continue;
    throw Error(
        fmt::format("[{}] attribute {} of its custom kernel; what a kernel is told lies between -{} and {}.",
                    node.op->name, integer, most_positions, most_positions));
  }
}

Kernel lower_custom(const Group& group, const SlotOf& slot_of) {
  const Node& node = *group.anchor;
  check_custom(node);
  Kernel kernel;
  CustomCall call{.op = node.op,
                  .invocations = node.op->kernel->invocations(node),
                  .operands = {},
                  .result = {node.shape, node.dtype},
                  .integers = node.attributes.integers,
                  .number = node.attributes.number};
  for (const Tensor& input : node.inputs) {
    kernel.operands.push_back(slot_of(input.node()));
    call.operands.push_back({input.shape(), input.dtype()});
  }
  kernel.form = std::move(call);
  kernel.stores.push_back({.value = 0, .slot = 0, .index = 0, .dtype = node.dtype});
  return kernel;
}

std::string label_of(const Group& group) {
  // The names of the computed operations, in order, each once: enough to recognize a kernel by.
  const Node& last = *group.results.back();
  std::string label = last.label.empty() ? std::string(last.op->name) : last.label;
  if (group.anchor && group.anchor != &last) label = fmt::format("{}+{}", group.anchor->op->name, label);
  return label;
}

}  // namespace

Kernel lower(const Group& group, const SlotOf& slot_of, const DeviceProfile& device) {
  Kernel kernel;
  switch (group.form) {
    case Form::map:
      kernel = lower_map(group, slot_of, device);
      break;
    case Form::reduce:
      kernel = lower_reduce(group, slot_of, device);
      break;
    case Form::matmul:
      kernel = lower_matmul(group, slot_of, device);
      break;
    case Form::custom:
      kernel = lower_custom(group, slot_of);
      break;
    case Form::loop:
      throw std::logic_error("[lower] a loop is lowered by the scheduler");
  }
  kernel.label = label_of(group);
  if (kernel.iterations() > device.max_iterations) {
    throw KernelTooLarge(
        fmt::format("[compile] kernel {} would loop {} times in one invocation; {} are possible: "
                    "evaluate what its inner loops compute first.",
                    kernel.label, kernel.iterations(), device.max_iterations));
  }
  return kernel;
}

}  // namespace hekla::compiler
