#include "backends/native/nest.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace hekla::native {

namespace {

using Atom = Index::Atom;

Index leaf_of(const Atom& leaf) {
  if (leaf.kind == Atom::Kind::axis) return Index::axis(leaf.id, leaf.high + 1);
  return Index::computed(leaf.id, leaf.high + 1, leaf.axes);
}

Index replaced(const Index& index, int axis, const Index& by) {
  return substitute(index, [&](const Atom& leaf) {
    return leaf.kind == Atom::Kind::axis && leaf.id == axis ? by : leaf_of(leaf);
  });
}

// Adds the extents at which the divisions in `index` would have nothing left to divide.
void add_candidates(const Index& index, int axis, std::set<std::int64_t>& candidates) {
  for (const Index::Term& term : index.terms()) {
    const Atom& atom = *term.atom;
    if (atom.kind == Atom::Kind::axis || atom.kind == Atom::Kind::computed || !(atom.axes >> axis & 1))
      continue;
    add_candidates(atom.inner, axis, candidates);
    std::int64_t coefficient = 0;
    if (atom.divisor <= 1 || !atom.inner.linear_in(axis, coefficient) || coefficient == 0) continue;
    candidates.insert(atom.divisor / std::gcd(atom.divisor, coefficient));
  }
}

// The terms that vary with `axis` and are not linear in it.
int uneven_terms(const Index& index, int axis) {
  int count = 0;
  for (const Index::Term& term : index.terms())
    count += term.atom->kind != Atom::Kind::axis && (term.atom->axes >> axis & 1) ? 1 : 0;
  return count;
}

}  // namespace

std::vector<Index> indices_of(const Body& body) {
  std::vector<Index> indices;
  for (const Scalar& scalar : body.values) {
    indices.push_back(scalar.index);
    for (const View::Bound& bound : scalar.bounds) indices.push_back(bound.value);
  }
  return indices;
}

Index nested(const Index& index, int axis, std::int64_t extent, std::int64_t inner) {
  return replaced(index, axis,
                  Index::axis(outer_axis, extent / inner) * inner + Index::axis(inner_axis, inner));
}

std::int64_t inner_extent(std::span<const Index> indices, int axis, std::int64_t extent) {
  constexpr std::int64_t shortest = 4;  // a loop over fewer gains nothing
  std::set<std::int64_t> candidates{extent};
  for (const Index& index : indices) add_candidates(index, axis, candidates);
  std::int64_t best = extent;
  int fewest = INT32_MAX;
  for (auto inner = candidates.rbegin(); inner != candidates.rend(); ++inner) {
    if (*inner > extent || *inner < shortest || extent % *inner != 0) continue;
    int count = 0;
    for (const Index& index : indices) {
      if (index.axes() >> axis & 1) count += uneven_terms(nested(index, axis, extent, *inner), inner_axis);
    }
    if (count < fewest) {
      fewest = count;
      best = *inner;
    }
  }
  return best;
}

void nest(Body& body, int axis, std::int64_t extent, std::int64_t inner) {
  body.replace_axes([&](const Atom& leaf) -> Index {
    if (leaf.id != axis) return Index::axis(leaf.id, leaf.high + 1);
    return Index::axis(outer_axis, extent / inner) * inner + Index::axis(inner_axis, inner);
  });
}

std::int64_t contiguous_run(const Body& body, int axis, std::int64_t extent) {
  Body nested_body = body;
  const std::int64_t inner = inner_extent(indices_of(body), axis, extent);
  nest(nested_body, axis, extent, inner);
  for (const Scalar& scalar : nested_body.values) {
    if (scalar.kind != Scalar::Kind::load || !(scalar.index.axes() >> inner_axis & 1)) continue;
    std::int64_t coefficient = 0;
    if (!scalar.index.linear_in(inner_axis, coefficient) || coefficient != 1) return 0;
  }
  return inner;
}

std::vector<std::int64_t> divisions(const Body& body, int axis, std::int64_t extent) {
  constexpr std::size_t most = 9;
  std::set<std::int64_t> positions{0, extent};
  for (const Scalar& scalar : body.values) {
    for (const View::Bound& bound : scalar.bounds) {
      std::int64_t coefficient = 0;
      const bool is_even = bound.value.terms().size() == 1 && bound.value.linear_in(axis, coefficient);
      if (!is_even || coefficient != 1 || bound.step != 1) continue;
      for (const std::int64_t end : {bound.low, bound.high}) {
        const std::int64_t position = end - bound.value.constant();
        if (position > 0 && position < extent) positions.insert(position);
      }
    }
  }
  if (positions.size() > most) return {0, extent};
  return {positions.begin(), positions.end()};
}

Body part_of(const Body& body, int axis, std::int64_t begin, std::int64_t end) {
  Body part = body;
  part.replace_axes([&](const Atom& leaf) -> Index {
    if (leaf.id != axis) return Index::axis(leaf.id, leaf.high + 1);
    return Index::axis(axis, end - begin) + begin;
  });
  for (Scalar& scalar : part.values) {
    if (scalar.kind != Scalar::Kind::inside) continue;
    const bool never = std::ranges::any_of(scalar.bounds, [](const View::Bound& bound) {
      return bound.value.high() < bound.low || bound.value.low() >= bound.high;
    });
    if (never) scalar = {.kind = Scalar::Kind::constant, .dtype = scalar.dtype, .number = scalar.number};
  }
  for (Scalar& scalar : part.values) scalar.varies = axes_varied_with(scalar, part.values);
  part.drop_unused();
  return part;
}

void drop_clamps(Body& body) {
  std::vector<int> uses(body.values.size(), 0);
  const auto use = [&](const Index& index) {
    substitute(index, [&](const Atom& leaf) {
      if (leaf.kind == Atom::Kind::computed) ++uses[static_cast<std::size_t>(leaf.id)];
      return leaf_of(leaf);
    });
  };
  bool has_bounds = false;
  for (const Scalar& scalar : body.values) {
    has_bounds = has_bounds || !scalar.bounds.empty();
    for (const int argument : scalar.arguments) ++uses[static_cast<std::size_t>(argument)];
  }
  if (!has_bounds) return;
  for (const int result : body.results) ++uses[static_cast<std::size_t>(result)];
  for (const Index& index : indices_of(body)) use(index);
  for (const Scalar& inside : body.values) {
    if (inside.kind != Scalar::Kind::inside) continue;
    const auto argument = static_cast<std::size_t>(inside.arguments[0]);
    Scalar& load = body.values[argument];
    if (load.kind != Scalar::Kind::load || uses[argument] != 1) continue;
    const std::vector<Index::Term> terms = load.index.terms();
    for (const Index::Term& term : terms) {
      const Atom& atom = *term.atom;
      if (atom.kind != Atom::Kind::clamp) continue;
      const bool is_bound = std::ranges::any_of(inside.bounds, [&](const View::Bound& bound) {
        return bound.value == atom.inner && bound.low >= atom.low && bound.high - 1 <= atom.high;
      });
      if (is_bound)
        load.index = load.index - clamp(atom.inner, atom.low, atom.high) * term.coefficient +
                     atom.inner * term.coefficient;
    }
  }
}

Index shifted(const Index& index, int axis, std::int64_t extent, std::int64_t begin) {
  return replaced(index, axis, Index::axis(axis, extent) + begin);
}

Index at(const Index& index, int axis, std::int64_t value) { return replaced(index, axis, Index(value)); }

}  // namespace hekla::native
