// Scalar programs: loop counts, dead code elimination, axis replacement and vectorizing.
#include "graph/compiler/kernel.h"

#include <algorithm>

namespace hekla::compiler {

std::uint64_t axes_varied_with(const Scalar& scalar, std::span<const Scalar> values) {
  std::uint64_t mask = scalar.index.axes();
  for (const View::Bound& bound : scalar.bounds) mask |= bound.value.axes();
  for (const int argument : scalar.arguments) mask |= values[static_cast<std::size_t>(argument)].varies;
  if (scalar.kind == Scalar::Kind::fold) mask &= ~(std::uint64_t{1} << scalar.axis);
  return mask;
}

namespace {

// The computed values that an index depends on.
void add_computed(const Index& index, std::vector<int>& values) {
  for (const Index::Term& term : index.terms()) {
    if (term.atom->kind == Index::Atom::Kind::computed) values.push_back(term.atom->id);
    if (term.atom->kind != Index::Atom::Kind::axis) add_computed(term.atom->inner, values);
  }
}

std::int64_t iterations_of(const Body& body, const std::vector<int>& block) {
  std::int64_t total = 0;
  for (const int id : block) {
    const Scalar& scalar = body.values[static_cast<std::size_t>(id)];
    if (scalar.kind == Scalar::Kind::fold) total += scalar.extent * (1 + iterations_of(body, scalar.block));
  }
  return total;
}

// Loop iterations of a map's program whose items are rows.
std::int64_t iterations_of(const Body& body, std::int64_t row) {
  if (row == 1) return body.iterations();
  std::vector<int> each, once;
  for (const int id : body.order) {
    const bool varies = body.values[static_cast<std::size_t>(id)].varies >> element_axis & 1;
    (varies ? each : once).push_back(id);
  }
  return iterations_of(body, once) + row * (1 + iterations_of(body, each));
}

}  // namespace

std::int64_t Body::iterations() const { return iterations_of(*this, order); }

void Body::replace_axes(const std::function<Index(const Index::Atom&)>& replacement) {
  const auto replace = [&](const Index& index) {
    return substitute(index, [&](const Index::Atom& leaf) -> Index {
      if (leaf.kind == Index::Atom::Kind::axis) return replacement(leaf);
      return Index::computed(leaf.id, leaf.high + 1, values[static_cast<std::size_t>(leaf.id)].varies);
    });
  };
  // Values are stored in order of computation (topological order), so each value's arguments are up to date
  // before it.
  for (Scalar& scalar : values) {
    scalar.index = replace(scalar.index);
    for (View::Bound& bound : scalar.bounds) bound.value = replace(bound.value);
    scalar.varies = axes_varied_with(scalar, values);
  }
}

void Body::drop_unused() {
  std::vector<bool> is_used(values.size(), false);
  std::vector<int> open = results;
  while (!open.empty()) {
    const auto id = static_cast<std::size_t>(open.back());
    open.pop_back();
    if (is_used[id]) continue;
    is_used[id] = true;
    const Scalar& scalar = values[id];
    open.insert(open.end(), scalar.arguments.begin(), scalar.arguments.end());
    add_computed(scalar.index, open);
    for (const View::Bound& bound : scalar.bounds) add_computed(bound.value, open);
  }
  const auto is_unused = [&](int id) { return !is_used[static_cast<std::size_t>(id)]; };
  std::erase_if(order, is_unused);
  for (Scalar& scalar : values) std::erase_if(scalar.block, is_unused);
}

std::int64_t Kernel::iterations() const {
  std::int64_t after = iterations_of(result, row);
  switch (form) {
    case Form::map:
      for (const MapPart& part : parts) after = std::max(after, iterations_of(part.body, part.row));
      return after;
    case Form::custom:
      return 0;  // loops of a custom kernel are its author's responsibility
    case Form::reduce:
      return after + (wide_length ? length / quad : length) * (1 + left.iterations());
    case Form::matmul:
      return after + (inner + quad - 1) / quad * (1 + left.iterations() + right.iterations());
  }
  return after;
}

Index quads_and_component(int axis, std::int64_t extent) {
  return Index::axis(axis, (extent + quad - 1) / quad) * quad + Index::axis(component_axis, quad);
}

void widen(Body& body, int axis, std::int64_t extent) {
  body.replace_axes([&](const Index::Atom& leaf) -> Index {
    if (leaf.id != axis) return Index::axis(leaf.id, leaf.high + 1);
    return clamp(quads_and_component(axis, extent), 0, extent - 1);
  });
}

bool is_quad(const Index& index, Index& quads) {
  std::int64_t coefficient = 0;
  if (!index.linear_in(component_axis, coefficient) || coefficient != 1) return false;
  const Index start = index - Index::axis(component_axis, quad);
  bool aligned = start.constant() % quad == 0;
  for (const Index::Term& term : start.terms()) aligned &= term.coefficient % quad == 0;
  if (aligned) quads = divide(start, quad);
  return aligned;
}

}  // namespace hekla::compiler
