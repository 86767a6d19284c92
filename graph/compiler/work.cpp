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
    switch (kernel_.form) {
      case Form::map:
        finish(kernel_.result, 0, extents_of({{0, kernel_.items}, {element_axis, kernel_.row}}),
               kernel_.wide);
        for (std::size_t p = 0; p < kernel_.parts.size(); ++p) {
          const MapPart& part = kernel_.parts[p];
          finish(part.body, static_cast<int>(p) + 1, extents_of({{0, part.items}, {element_axis, part.row}}),
                 part.wide);
        }
        break;
      case Form::reduce: {
        Extents left = extents_of({{0, kernel_.items}, {1, kernel_.length}}, kernel_.wide_length ? 1 : -1);
        if (kernel_.wide) left[component_axis] = quad;
        add(kernel_.left, left);
        if (kernel_.fold_dtype == DType::f32) {
          operations_ += static_cast<double>(kernel_.items * kernel_.length * (kernel_.wide ? quad : 1));
        }
        finish(kernel_.result, 0, extents_of({{0, kernel_.items}}), kernel_.wide);
        break;
      }
      case Form::matmul:
        add(kernel_.left, extents_of({{0, kernel_.matrices}, {1, kernel_.rows}, {3, kernel_.inner}},
                                     kernel_.left_along_inner ? 3 : 1));
        add(kernel_.right, extents_of({{0, kernel_.matrices}, {2, kernel_.columns}, {3, kernel_.inner}},
                                      kernel_.right_along_inner ? 3 : 2));
        operations_ += 2.0 * static_cast<double>(kernel_.matrices * kernel_.rows) *
                       static_cast<double>(kernel_.columns * kernel_.inner);
        finish(kernel_.result, 0,
               extents_of({{0, kernel_.matrices}, {1, kernel_.rows}, {2, kernel_.columns}}, 2), kernel_.wide);
        break;
      case Form::custom:
        // A custom kernel counts whole operands and results.
        for (const int slot : kernel_.operands) read_[slot] = everything;
        for (const Store& store : kernel_.stores) written_.emplace_back(&store, everything);
        break;
    }
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
  item.items = 1;
  return Counter(item).operations();
}

Work work_of(const Kernel& kernel, const std::vector<Slot>& slots) {
  const Counter counter(kernel);
  return {counter.operations(), counter.bytes(slots)};
}

}  // namespace hekla::compiler
