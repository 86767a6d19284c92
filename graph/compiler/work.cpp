// Counting work. Each program is walked with the sizes of its axes: a value is computed once for each
// combination of the axes it varies with, because loop-invariant values are hoisted.
#include "graph/compiler/work.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

namespace hekla::compiler {

namespace {

// Sizes of the axes of one program, 1 for those it does not have. They are fractions so that an axis in quads
// counts exactly.
using Extents = std::array<double, 64>;

Extents extents_of(std::initializer_list<std::pair<int, std::int64_t>> axes, int axis_in_quads = -1) {
  Extents extents;
  extents.fill(1);
  for (const auto& [axis, extent] : axes)
    extents[static_cast<std::size_t>(axis)] = static_cast<double>(extent);
  if (axis_in_quads >= 0) {
    extents[static_cast<std::size_t>(axis_in_quads)] /= quad;
    extents[component_axis] = quad;
  }
  return extents;
}

double combinations(std::uint64_t axes, const Extents& extents) {
  double count = 1;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (axes >> axis & 1) count *= extents[axis];
  }
  return count;
}

class Counter {
 public:
  explicit Counter(const Kernel& kernel) : kernel_(kernel) {
    std::visit([this](const auto& form) { count(form); }, kernel.form);
  }

  double operations() const { return operations_; }

  double bytes(const std::vector<Slot>& slots) const {
    double bytes = 0;
    const auto add = [&](int slot, double elements, DType dtype) {
      const Slot& memory = slots[static_cast<std::size_t>(slot)];
      bytes += std::min(elements, static_cast<double>(memory.count)) * static_cast<double>(size_of(dtype));
    };
    for (const auto& [slot, elements] : read_)
      add(slot, elements, slots[static_cast<std::size_t>(slot)].dtype);
    for (const auto& [store, elements] : written_) add(store->slot, elements, store->dtype);
    return bytes;
  }

 private:
  static constexpr double everything = std::numeric_limits<double>::infinity();

  void count(const MapKernel& map) {
    for (std::size_t p = 0; p < map.parts.size(); ++p) {
      const MapPart& part = map.parts[p];
      finish(part.body, static_cast<int>(p),
             extents_of({{MapPart::item_axis, part.items}, {MapPart::element_axis, part.row}}), part.wide);
    }
  }

  void count(const ReduceKernel& reduce) {
    using Axes = ReduceKernel;
    Extents element = extents_of({{Axes::item_axis, reduce.items}, {Axes::folded_axis, reduce.length}},
                                 reduce.wide_length ? Axes::folded_axis : -1);
    if (reduce.wide) element[component_axis] = quad;
    add(reduce.element, element);
    if (reduce.dtype == DType::f32)
      operations_ += static_cast<double>(reduce.items * reduce.length * (reduce.wide ? quad : 1));
    finish(reduce.result, 0, extents_of({{Axes::item_axis, reduce.items}}), reduce.wide);
  }

  void count(const MatmulKernel& product) {
    using Axes = MatmulKernel;
    const std::pair matrix{Axes::matrix_axis, product.matrices}, row{Axes::row_axis, product.rows},
        column{Axes::column_axis, product.columns}, inner{Axes::inner_axis, product.inner};
    add(product.left,
        extents_of({matrix, row, inner}, product.left_along_inner ? Axes::inner_axis : Axes::row_axis));
    add(product.right, extents_of({matrix, column, inner},
                                  product.right_along_inner ? Axes::inner_axis : Axes::column_axis));
    operations_ += 2.0 * static_cast<double>(product.matrices * product.rows) *
                   static_cast<double>(product.columns * product.inner);
    finish(product.result, 0, extents_of({matrix, row, column}, Axes::column_axis), false);
  }

  // A custom kernel counts whole operands and results.
  void count(const CustomCall&) {
    for (const int slot : kernel_.operands) read_[slot] = everything;
    for (const Store& store : kernel_.stores) written_.emplace_back(&store, everything);
  }

  // Counts a program that ends in stores; a map or a reduction computes it in quads when it is vectorized
  // (wide).
  void finish(const Body& body, int part, Extents extents, bool wide) {
    if (wide) extents[component_axis] = quad;
    add(body, extents);
    for (const Store& store : kernel_.stores) {
      if (store.part == part) written_.emplace_back(&store, combinations(store.index.axes(), extents));
    }
  }

  void add(const Body& body, const Extents& extents) { add(body, body.order, extents); }

  void add(const Body& body, const std::vector<int>& order, const Extents& extents) {
    for (const int id : order) {
      const Scalar& scalar = body.values[static_cast<std::size_t>(id)];
      const double times = combinations(scalar.varies, extents);
      const bool counts = scalar.dtype == DType::f32;
      if (scalar.kind == Scalar::Kind::apply && counts) operations_ += times;
      if (scalar.kind == Scalar::Kind::fold) {
        if (counts) operations_ += times * static_cast<double>(scalar.extent);
        // Consecutive loops may share an axis, so each works on its own copy of the extents.
        Extents inside = extents;
        inside[static_cast<std::size_t>(scalar.axis)] = static_cast<double>(scalar.extent);
        add(body, scalar.block, inside);
      }
      if (scalar.kind == Scalar::Kind::load) {
        const double reach = static_cast<double>(scalar.index.high() - scalar.index.low() + 1);
        read_[kernel_.operands[static_cast<std::size_t>(scalar.operand)]] += std::min(times, reach);
      }
    }
  }

  const Kernel& kernel_;
  double operations_ = 0;
  std::map<int, double> read_;                            // elements, by slot
  std::vector<std::pair<const Store*, double>> written_;  // elements
};

}  // namespace

double operations_of_item(const Kernel& map) {
  Kernel item = map;
  for (MapPart& part : std::get<MapKernel>(item.form).parts) part.items = 1;
  return Counter(item).operations();
}

Work work_of(const Kernel& kernel, const std::vector<Slot>& slots) {
  const Counter counter(kernel);
  return {counter.operations(), counter.bytes(slots)};
}

}  // namespace hekla::compiler
