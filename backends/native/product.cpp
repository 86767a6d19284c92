#include "backends/native/product.h"

#include <algorithm>

#include "backends/native/nest.h"

namespace hekla::native {

namespace {

using Axes = MatmulKernel;

// The tile that computes the whole product in the fewest cycles, its remainders included.
Tile choose(bool along_inner, std::int64_t rows, std::int64_t columns, std::int64_t inner,
            const Target& target) {
  const std::int64_t unit = along_inner ? 1 : width_of(target);
  const std::int64_t units = ceil_divide(columns, unit);
  const std::int64_t most = target.registers - (along_inner ? 7 : 4);  // vectors of sums
  Tile best;
  for (std::int64_t v = 1; v <= std::min(units, most); ++v) {
    for (std::int64_t r = 1; r <= std::min<std::int64_t>(rows, most / v); ++r) {
      double sum = 0;
      for (const std::int64_t tile_rows : {r, rows % r}) {
        for (const std::int64_t across : {v, units % v}) {
          if (tile_rows == 0 || across == 0) continue;
          const std::int64_t count = (tile_rows == r ? rows / r : 1) * (across == v ? units / v : 1);
          sum +=
              static_cast<double>(count) * cycles_of({along_inner, tile_rows, across * unit}, inner, target);
        }
      }
      if (sum < best.cycles) best = {along_inner, r, v * unit, sum};
    }
  }
  return best;
}

Access access_of(const Body& body, int outer_axis, std::int64_t outer, std::int64_t inner) {
  Access access{.outer_run = contiguous_run(body, outer_axis, outer),
                .inner_run = contiguous_run(body, Axes::inner_axis, inner)};
  const Scalar& result = body.values[static_cast<std::size_t>(body.results[0])];
  const bool is_computed = std::ranges::any_of(result.index.terms(), [](const Index::Term& term) {
    return term.atom->kind == Index::Atom::Kind::computed;
  });
  access.is_even = result.kind == Scalar::Kind::load && result.dtype == DType::f32 && !is_computed &&
                   result.index.low() >= 0 && result.index.linear_in(outer_axis, access.outer_stride) &&
                   result.index.linear_in(Axes::inner_axis, access.inner_stride);
  return access;
}

constexpr std::int64_t short_run = 4;

// A packed element takes a share of the instructions for a run.
double packing_cycles(double elements, std::int64_t run) {
  return elements * 3 / static_cast<double>(std::min<std::int64_t>(run, 16));
}

Reading reading_of_left(const Access& access, const Tile& tile, std::int64_t rows, std::int64_t inner) {
  const auto elements = static_cast<double>(rows * inner);
  if (tile.along_inner) {
    if (access.is_even && access.inner_stride == 1) return {.is_direct = true};
    return {.along_inner = true,
            .by_rows = true,
            .cycles =
                access.inner_run >= short_run ? packing_cycles(elements, access.inner_run) : elements * 1.5};
  }
  if (access.is_even) return {.is_direct = true};
  if (access.inner_run >= short_run || access.outer_run < short_run) {
    return {.along_inner = true,
            .by_rows = true,
            .cycles =
                access.inner_run >= short_run ? packing_cycles(elements, access.inner_run) : elements * 1.5};
  }
  return {.cycles = packing_cycles(elements, std::min<std::int64_t>(access.outer_run, 8))};
}

Reading reading_of_right(const Access& access, const Tile& tile, std::int64_t columns, std::int64_t inner) {
  const auto elements = static_cast<double>(columns * inner);
  if (tile.along_inner) {
    if (access.is_even && (access.inner_stride == 1 || inner == 1)) return {.is_direct = true};
    return {.along_inner = true,
            .by_rows = true,
            .cycles =
                access.inner_run >= short_run ? packing_cycles(elements, access.inner_run) : elements * 1.5};
  }
  // Rows that are half of a page or more apart fall onto few sets of a cache, and each onto a page of its own.
  constexpr std::int64_t far_apart = 512, many = 256;
  if (access.is_even && (access.outer_stride == 1 || columns == 1) &&
      (access.inner_stride < far_apart || inner < many))
    return {.is_direct = true};
  if (access.outer_run >= short_run || access.inner_run < short_run)
    return {.cycles =
                access.outer_run >= short_run ? packing_cycles(elements, access.outer_run) : elements * 1.5};
  return {.along_inner = true, .cycles = elements * (access.inner_run >= transposed_block ? 0.75 : 1.5)};
}

// The same product with the factors in each other's place.
void transpose(MatmulKernel& product, std::vector<Store>& stores) {
  const auto swapped = [](const Index::Atom& leaf) {
    if (leaf.kind != Index::Atom::Kind::axis) return Index::computed(leaf.id, leaf.high + 1, leaf.axes);
    const int axis = leaf.id == Axes::row_axis      ? Axes::column_axis
                     : leaf.id == Axes::column_axis ? Axes::row_axis
                                                    : leaf.id;
    return Index::axis(axis, leaf.high + 1);
  };
  std::swap(product.left, product.right);
  std::swap(product.rows, product.columns);
  for (Body* body : {&product.left, &product.right, &product.result}) body->replace_axes(swapped);
  for (Store& store : stores) store.index = substitute(store.index, swapped);
}

// The best way without exchanging the factors.
Way way_as_given(const MatmulKernel& product, const std::vector<Store>& stores, const Target& target) {
  const Access left = access_of(product.left, Axes::row_axis, product.rows, product.inner);
  const Access right = access_of(product.right, Axes::column_axis, product.columns, product.inner);
  const bool by_columns = !stores_along(stores, Axes::column_axis) && stores_along(stores, Axes::row_axis);
  const std::int64_t run = by_columns ? contiguous_run(product.result, Axes::row_axis, product.rows)
                                      : contiguous_run(product.result, Axes::column_axis, product.columns);
  const auto results = static_cast<double>(product.rows * product.columns);
  const auto values = static_cast<double>(product.result.values.size() + stores.size());
  Way best;
  for (const bool along_inner : {false, true}) {
    Way way{.tile = choose(along_inner, product.rows, product.columns, product.inner, target),
            .left_access = left,
            .right_access = right};
    way.left = reading_of_left(left, way.tile, product.rows, product.inner);
    way.right = reading_of_right(right, way.tile, product.columns, product.inner);
    // Few columns of a tile are finished at a time.
    const double of_value = run < short_run ? 1 : along_inner ? 0.4 : by_columns ? 0.5 : 0.1;
    way.cycles = way.tile.cycles + way.left.cycles + way.right.cycles + results * values * of_value;
    if (way.cycles < best.cycles) best = way;
  }
  return best;
}

}  // namespace

std::int64_t width_of(const Target& target) { return target.vector_bytes / 4; }

// Cycles of one tile, about: two fused multiply-adds, and two loads, of vectors at once; then its sums are stored.
double cycles_of(const Tile& tile, std::int64_t inner, const Target& target) {
  const std::int64_t across = tile.along_inner ? tile.columns : ceil_divide(tile.columns, width_of(target));
  const auto products = static_cast<double>(tile.rows * across),
             loads = static_cast<double>(tile.rows + across);
  // A multiply-add takes four cycles, so that eight sums keep both units busy.
  double step = std::max({products / 2, loads / 2, 4.0});
  // Columns of the right factor that do not stay in the level-1 cache come from the next one.
  constexpr double level_1 = 24 * 1024, bytes_of_cycle = 28;
  const auto row_bytes = static_cast<double>(across * target.vector_bytes);
  if (!tile.along_inner && row_bytes * static_cast<double>(inner) > level_1)
    step = std::max(step, row_bytes / bytes_of_cycle);
  const std::int64_t steps = tile.along_inner ? ceil_divide(inner, width_of(target)) : inner;
  return static_cast<double>(steps) * step + 20 + (tile.along_inner ? 6 : 2) * products;
}

bool stores_along(const std::vector<Store>& stores, int axis) {
  return std::ranges::all_of(stores, [&](const Store& store) {
    std::int64_t coefficient = 0;
    return store.index.linear_in(axis, coefficient) && coefficient == 1;
  });
}

Way best_way(MatmulKernel& product, std::vector<Store>& stores, const Target& target) {
  const Way as_given = way_as_given(product, stores, target);
  MatmulKernel other = product;
  std::vector<Store> other_stores = stores;
  transpose(other, other_stores);
  const Way exchanged = way_as_given(other, other_stores, target);
  if (as_given.cycles <= exchanged.cycles) return as_given;
  product = std::move(other);
  stores = std::move(other_stores);
  return exchanged;
}

}  // namespace hekla::native
