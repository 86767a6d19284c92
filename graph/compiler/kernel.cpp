// Scalar programs: loop counts, dead code elimination, axis replacement and vectorizing.
#include "graph/compiler/kernel.h"

#include <algorithm>
#include <type_traits>

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

// The programs of a kernel, const as the kernel is.
template <class AKernel>
auto bodies_of(AKernel& kernel) {
  using ABody = std::conditional_t<std::is_const_v<AKernel>, const Body, Body>;
  std::vector<ABody*> bodies;
  const auto add = [&](auto& form) {
    using Type = std::remove_cvref_t<decltype(form)>;
    if constexpr (std::is_same_v<Type, MapKernel>)
      for (auto& part : form.parts) bodies.push_back(&part.body);
    if constexpr (std::is_same_v<Type, ReduceKernel>) bodies = {&form.result, &form.element};
    if constexpr (std::is_same_v<Type, MatmulKernel>) bodies = {&form.result, &form.left, &form.right};
  };
  std::visit(add, kernel.form);
  return bodies;
}

std::int64_t iterations_of(const MapKernel& map) {
  std::int64_t most = 0;
  for (const MapPart& part : map.parts) most = std::max(most, part.iterations());
  return most;
}

std::int64_t iterations_of(const ReduceKernel& reduce) {
  return reduce.result.iterations() +
         (reduce.wide_length ? reduce.length / quad : reduce.length) * (1 + reduce.element.iterations());
}

std::int64_t iterations_of(const MatmulKernel& product) {
  return product.result.iterations() +
         (product.inner + quad - 1) / quad * (1 + product.left.iterations() + product.right.iterations());
}

// Loops of a custom kernel are its author's responsibility.
std::int64_t iterations_of(const CustomCall&) { return 0; }

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

std::int64_t MapPart::iterations() const {
  if (row == 1) return body.iterations();
  std::vector<int> each, once;
  for (const int id : body.order) {
    const bool varies = body.values[static_cast<std::size_t>(id)].varies >> element_axis & 1;
    (varies ? each : once).push_back(id);
  }
  return iterations_of(body, once) + row * (1 + iterations_of(body, each));
}

std::vector<const Body*> Kernel::bodies() const { return bodies_of(*this); }
std::vector<Body*> Kernel::bodies() { return bodies_of(*this); }

std::int64_t Kernel::iterations() const {
  return std::visit([](const auto& each) { return iterations_of(each); }, form);
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
