// Emitting matrix products: register tiles (shaders/native_matmul.inc) over factors that are read where they lie, or
// packed into panels.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "backends/native/cplusplus.h"
#include "backends/native/emitter.h"
#include "backends/native/nest.h"

namespace hekla::native {

namespace {

using Axes = MatmulKernel;

std::int64_t ceil_divide(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 2, ' '); }

/// A register tile: rows, and vectors of columns.
struct Tile {
  std::int64_t rows = 1, vectors = 1;
  double cycles = std::numeric_limits<double>::infinity();  // of the whole product
};

// Cycles of one tile, about: two fused multiply-adds, and two loads, of vectors at once; then its sums are stored.
double cycles_of_tile(std::int64_t rows, std::int64_t vectors, std::int64_t inner) {
  const auto products = static_cast<double>(rows * vectors), loads = static_cast<double>(rows + vectors);
  // A multiply-add takes four cycles, so that eight sums keep both units busy.
  const double step = std::max({products / 2, loads / 2, 4.0});
  return static_cast<double>(inner) * step + 20 + 2 * products;
}

// The tile that computes the whole product in the fewest cycles, its remainders included.
Tile choose(std::int64_t rows, std::int64_t columns, std::int64_t inner, const Target& target) {
  const std::int64_t vectors = ceil_divide(columns, target.vector_bytes / 4);
  const std::int64_t most = target.registers - 4;  // vectors of sums
  Tile best;
  for (std::int64_t v = 1; v <= std::min(vectors, most); ++v) {
    for (std::int64_t r = 1; r <= std::min<std::int64_t>(rows, most / v); ++r) {
      double sum = 0;
      for (const std::int64_t tile_rows : {r, rows % r}) {
        for (const std::int64_t tile_vectors : {v, vectors % v}) {
          if (tile_rows == 0 || tile_vectors == 0) continue;
          const std::int64_t count = (tile_rows == r ? rows / r : 1) * (tile_vectors == v ? vectors / v : 1);
          sum += static_cast<double>(count) * cycles_of_tile(tile_rows, tile_vectors, inner);
        }
      }
      if (sum < best.cycles) best = {r, v, sum};
    }
  }
  return best;
}

/// How a factor lies in memory.
struct Access {
  bool is_even = false;  // element (j, k) lies at j * outer_stride + k * inner_stride from the first
  std::int64_t outer_stride = 0, inner_stride = 0;
  std::int64_t outer_run = 0, inner_run = 0;  // see contiguous_run
};

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

// Rows that are half of a page or more apart fall onto few sets of a cache, and each onto a page of its own.
constexpr std::int64_t far_apart = 512;  // elements

bool is_direct_left(const Access& access) { return access.is_even; }
bool is_direct_right(const Access& access, std::int64_t columns, std::int64_t inner) {
  constexpr std::int64_t many = 256;
  return access.is_even && (access.outer_stride == 1 || columns == 1) &&
         (access.inner_stride < far_apart || inner < many);
}

constexpr std::int64_t short_run = 4;
constexpr std::int64_t block = 16;  // side of what is transposed at once

bool packs_left_along_inner(const Access& access) {
  return access.inner_run >= short_run || access.outer_run < short_run;
}
bool packs_right_along_inner(const Access& access) {
  return access.outer_run < short_run && access.inner_run > access.outer_run;
}

// Cycles to pack a factor, about.
double packing_cycles(const Access& access, bool is_left, double elements) {
  if (is_left && access.inner_run >= short_run) return elements * 3 / static_cast<double>(std::min<std::int64_t>(access.inner_run, 16));
  const std::int64_t segment = std::min<std::int64_t>(access.outer_run, is_left ? 8 : 16);
  if (segment >= short_run) return elements * 3 / static_cast<double>(segment);
  return elements * (!is_left && access.inner_run >= block ? 0.75 : 1.5);
}

// Where the stores of neighbouring columns, or else rows, are neighbours in memory.
bool stores_along(const std::vector<Store>& stores, int axis) {
  return std::ranges::all_of(stores, [&](const Store& store) {
    std::int64_t coefficient = 0;
    return store.index.linear_in(axis, coefficient) && coefficient == 1;
  });
}

double product_cycles(const MatmulKernel& product, const std::vector<Store>& stores, const Target& target) {
  const auto rows = static_cast<double>(product.rows), columns = static_cast<double>(product.columns),
             inner = static_cast<double>(product.inner);
  const Access left = access_of(product.left, Axes::row_axis, product.rows, product.inner);
  const Access right = access_of(product.right, Axes::column_axis, product.columns, product.inner);
  double sum = choose(product.rows, product.columns, product.inner, target).cycles;
  if (!is_direct_left(left)) sum += packing_cycles(left, true, rows * inner);
  if (!is_direct_right(right, product.columns, product.inner)) sum += packing_cycles(right, false, columns * inner);
  const bool by_columns = !stores_along(stores, Axes::column_axis) && stores_along(stores, Axes::row_axis);
  const std::int64_t run = by_columns ? contiguous_run(product.result, Axes::row_axis, product.rows)
                                      : contiguous_run(product.result, Axes::column_axis, product.columns);
  const auto values = static_cast<double>(product.result.values.size() + stores.size());
  const double each = run < short_run ? 1 : by_columns ? 0.5 : 0.1;
  return sum + rows * columns * values * each;
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

}  // namespace

// Defines the function that packs `count` rows (or columns) of a factor from `start` on. Element (j, k) is copied to
// panel[j * width + k] where `by_rows`, and else to panel[k * width + j].
void Emitter::pack(const std::string& name, const Body& factor, int outer, std::int64_t outer_extent,
                   std::int64_t inner, bool along_inner, bool by_rows) {
  Body body = factor;
  Code code = cplusplus();
  const int axis = along_inner ? Axes::inner_axis : outer;
  const std::int64_t extent = along_inner ? inner : outer_extent;
  const std::int64_t run = inner_extent(indices_of(body), axis, extent);
  const bool is_nested = run < extent;
  if (is_nested) nest(body, axis, extent, run);
  BodyPrinter printer(body, memory_);
  const auto varies = [&](int value, std::uint64_t axes) {
    return (body.values[static_cast<std::size_t>(value)].varies & axes) != 0;
  };
  const std::string value = printer.value(body.results[0]), place = axis_name(outer), k = axis_name(Axes::inner_axis);
  const auto target = [&](const std::string& j, const std::string& at_k) {
    return by_rows ? fmt::format("panel[({}) * width + {}]", j, at_k) : fmt::format("panel[({}) * width + {}]", at_k, j);
  };
  // Three loops: over what is not the axis of the runs, over the runs, along a run.
  const std::uint64_t innermost = bit(is_nested ? inner_axis : axis), between = is_nested ? bit(outer_axis) : 0;
  const auto first = [&](int v) { return !varies(v, innermost | between); };
  const auto second = [&](int v) { return varies(v, between) && !varies(v, innermost); };
  const auto third = [&](int v) { return varies(v, innermost); };
  const std::string pragma = printer.has_loops(third) ? "" : "#pragma omp simd\n";
  // Padding ends where a run ends: whether a run lies in it is known before.
  const int result = body.results[0];
  const Scalar& element = body.values[static_cast<std::size_t>(result)];
  std::uint64_t bound_axes = 0;
  for (const View::Bound& bound : element.bounds) bound_axes |= bound.value.axes();
  const bool is_guarded = element.kind == Scalar::Kind::inside && (bound_axes & innermost) == 0;
  // The loop over `length` elements of a run, whose `target` is in terms of t.
  const auto over_run = [&](const std::string& length, const std::string& from, const std::string& to, int depth) {
    const std::string head = fmt::format("{0}for (long t = 0; t < {1}; ++t) {{\n{0}  const long {2} = {3}t;\n", indent(depth),
                                         length, axis_name(is_nested ? inner_axis : axis), from);
    if (is_guarded) {
      code += fmt::format("{}if ({}) {{\n", indent(depth), printer.condition(result));
      printer.assume_inside(result);
    }
    code += pragma + head;
    code += printer.statements(depth + 1, third);
    code += fmt::format("{0}  {1} = {2};\n{0}}}\n", indent(depth), to, value);
    if (is_guarded) {
      code += fmt::format("{0}}} else {{\n", indent(depth)) + pragma + head +
              fmt::format("{0}  {1} = {2};\n{0}}}\n{0}}}\n", indent(depth), to, literal(element.number, DType::f32));
    }
  };
  if (along_inner && !by_rows && run >= block) {
    // Blocks of rows along the inner axis, each transposed in registers.
    code += fmt::format("  alignas(64) float rows[{0} * {0}];\n  for (long top = 0; top < count; top += {0}) {{\n"
                        "    const long height = min({0}l, count - top);\n",
                        block);
    if (is_nested)
      code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0})\n", axis_name(outer_axis), extent / run);
    code += fmt::format("    for (long begin = 0; begin < {0}; begin += {1}) {{\n"
                        "      const long length = min({1}l, {0} - begin);\n"
                        "      for (long j = 0; j < height; ++j) {{\n        const long {2} = start + top + j;\n",
                        run, block, place);
    code += printer.statements(4, first);
    code += printer.statements(4, second);
    over_run("length", "begin + ", fmt::format("rows[j * {} + t]", block), 4);
    code += fmt::format("      }}\n      hk_transpose(rows, panel + ({} + begin) * width + top, width, length, height);\n    }}\n  }}\n",
                        is_nested ? fmt::format("{} * {}", axis_name(outer_axis), run) : "0");
  } else if (along_inner) {
    code += fmt::format("  for (long j = 0; j < count; ++j) {{\n    const long {} = start + j;\n", place);
    code += printer.statements(2, first);
    if (is_nested) code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0}) {{\n", axis_name(outer_axis), extent / run);
    code += printer.statements(3, second);
    over_run(std::to_string(run), "",
             target("j", is_nested ? fmt::format("({} * {} + t)", axis_name(outer_axis), run) : "t"), 3);
    code += is_nested ? "    }\n  }\n" : "  }\n";
  } else {
    code += fmt::format("  for (long {0} = 0; {0} < {1}; ++{0}) {{\n", k, inner);
    code += printer.statements(2, first);
    if (is_nested) {
      code += fmt::format("    for (long j = 0; j < count;) {{\n"
                          "      const long {0} = (start + j) / {1}, from = (start + j) % {1}, length = min({1} - from, count - j);\n",
                          axis_name(outer_axis), run);
      code += printer.statements(3, second);
      over_run("length", "from + ", target("j + t", k), 3);
      code += "      j += length;\n    }\n  }\n";
    } else {
      over_run("count", "start + ", target("t", k), 2);
      code += "  }\n";
    }
  }
  define(fmt::format("__attribute__((flatten)) void {}(void* const* m, const int* iterations, long i{}, long start, "
                     "long count, long width, float* panel)",
                     name, static_cast<int>(Axes::matrix_axis)),
         code);
}

// Defines the function that finishes a tile: computes from the sums what is stored.
void Emitter::finish(const MatmulKernel& product, std::span<const Store> all_stores) {
  std::vector<Store> stores(all_stores.begin(), all_stores.end());
  const bool by_columns = !stores_along(stores, Axes::column_axis) && stores_along(stores, Axes::row_axis);
  const int axis = by_columns ? Axes::row_axis : Axes::column_axis;
  const std::int64_t extent = by_columns ? product.rows : product.columns;
  Body body = product.result;
  std::vector<Index> indices = indices_of(body);
  for (const Store& store : stores) indices.push_back(store.index);
  const std::int64_t run = inner_extent(indices, axis, extent);
  const bool is_nested = run < extent;
  if (is_nested) {
    nest(body, axis, extent, run);
    for (Store& store : stores) store.index = nested(store.index, axis, extent, run);
  }
  BodyPrinter printer(body, memory_);
  const auto varies = [&](int v, std::uint64_t axes) {
    return (body.values[static_cast<std::size_t>(v)].varies & axes) != 0;
  };
  // The anchor does not vary with an axis of one element.
  const std::uint64_t innermost = bit(is_nested ? inner_axis : axis), between = is_nested ? bit(outer_axis) : 0;
  const auto third = [&](int v) { return extent == 1 || varies(v, innermost); };
  const auto second = [&](int v) { return !third(v) && varies(v, between); };
  const auto first = [&](int v) { return !third(v) && !second(v); };
  const std::string start = by_columns ? "start_row" : "start_column", count = by_columns ? "rows" : "columns";
  Code code = cplusplus();
  code += by_columns ? fmt::format("  for (long c = 0; c < columns; ++c) {{\n    const long {} = start_column + c;\n",
                                   axis_name(Axes::column_axis))
                     : fmt::format("  for (long r = 0; r < rows; ++r) {{\n    const long {} = start_row + r;\n",
                                   axis_name(Axes::row_axis));
  code += printer.statements(2, first);
  std::string place = "t";
  if (is_nested) {
    code += fmt::format("    for (long j = 0; j < {0};) {{\n"
                        "      const long {1} = ({2} + j) / {3}, from = ({2} + j) % {3}, length = min({3} - from, {0} - j);\n",
                        count, axis_name(outer_axis), start, run);
    code += printer.statements(3, second);
    place = "(j + t)";
  }
  if (!printer.has_loops(third)) code += "#pragma omp simd\n";
  code += fmt::format("      for (long t = 0; t < {}; ++t) {{\n        const long {} = {} + t;\n",
                      is_nested ? "length" : count, axis_name(is_nested ? inner_axis : axis), is_nested ? "from" : start);
  code += by_columns ? fmt::format("        const float anchor = sums[{} * width + c];\n", place)
                     : fmt::format("        const float anchor = sums[r * width + {}];\n", place);
  code += printer.statements(4, third);
  code += this->stores(printer, stores, 4) + "      }\n";
  if (is_nested) code += "      j += length;\n    }\n";
  code += "  }\n";
  define(fmt::format("__attribute__((flatten)) void finish(void* const* m, const int* iterations, long i{}, "
                     "long start_row, long rows, long start_column, long columns, const float* sums, long width)",
                     static_cast<int>(Axes::matrix_axis)),
         code);
}

void Emitter::emit(const MatmulKernel& as_planned) {
  MatmulKernel product = as_planned;
  std::vector<Store> stores = kernel_.stores;
  {
    MatmulKernel other = product;
    std::vector<Store> other_stores = stores;
    transpose(other, other_stores);
    if (product_cycles(other, other_stores, target_) < product_cycles(product, stores, target_)) {
      product = std::move(other);
      stores = std::move(other_stores);
    }
  }
  const std::int64_t rows = product.rows, columns = product.columns, inner = product.inner;
  const std::int64_t width = target_.vector_bytes / 4;
  const Tile tile = choose(rows, columns, inner, target_);
  const std::int64_t vectors = ceil_divide(columns, width);
  const Access left = access_of(product.left, Axes::row_axis, rows, inner);
  const Access right = access_of(product.right, Axes::column_axis, columns, inner);
  const bool direct_left = is_direct_left(left), direct_right = is_direct_right(right, columns, inner);
  const bool left_by_rows = packs_left_along_inner(left);

  // A block of columns, of whole tiles, stays in a level-2 cache while all rows pass.
  constexpr std::int64_t block_elements = 192 * 1024;
  const std::int64_t column_tiles = ceil_divide(vectors, tile.vectors);
  const std::int64_t tile_columns = tile.vectors * width;
  const std::int64_t tiles_of_block =
      std::clamp<std::int64_t>(block_elements / std::max<std::int64_t>(inner * tile_columns, 1), 1, column_tiles);
  const std::int64_t blocks = ceil_divide(column_tiles, tiles_of_block);
  const std::int64_t block_columns = tiles_of_block * tile_columns;
  const std::int64_t panels = ceil_divide(rows, tile.rows);
  const double panel_cycles =
      cycles_of_tile(tile.rows, tile.vectors, inner) * static_cast<double>(std::min(tiles_of_block, column_tiles));
  constexpr double unit_cycles = 8192;
  const std::int64_t each = std::clamp<std::int64_t>(static_cast<std::int64_t>(unit_cycles / panel_cycles), 1,
                                                     std::max<std::int64_t>(panels, 1));
  const std::int64_t groups = ceil_divide(panels, each);
  units_ = product.matrices * blocks * groups;
  // An odd number of cache lines between rows, so that they fall onto different sets.
  const std::int64_t row_stride = ceil_divide(inner, 32) * 32 + 16;
  const std::int64_t left_width = left_by_rows ? row_stride : tile.rows;
  const std::int64_t left_floats = direct_left ? 0 : left_by_rows ? row_stride * tile.rows : inner * tile.rows;
  const std::int64_t right_floats = direct_right ? 0 : inner * block_columns;
  const std::int64_t aligned_left = ceil_divide(left_floats, 16) * 16;
  scratch_bytes_ = (aligned_left + right_floats) * 4;

  if (!direct_left) pack("pack_left", product.left, Axes::row_axis, rows, inner, left_by_rows, left_by_rows);
  if (!direct_right)
    pack("pack_right", product.right, Axes::column_axis, columns, inner, packs_right_along_inner(right), false);
  finish(product, stores);

  const auto base = [&](const Body& body) {
    const Scalar& load = body.values[static_cast<std::size_t>(body.results[0])];
    return fmt::format("{} + ({})", memory_.pointer(load.operand),
                       BodyPrinter(body, memory_).index(at(load.index, Axes::inner_axis, 0)));
  };
  Code code = cplusplus();
  const std::string matrix = axis_name(Axes::matrix_axis), row = axis_name(Axes::row_axis),
                    column = axis_name(Axes::column_axis);
  code += fmt::format("  float* const left_panel = (float*)scratch;\n  float* const right_panel = left_panel + {};\n"
                      "  alignas(64) float sums[{}];\n  long packed = -1;\n",
                      aligned_left, tile.rows * tile_columns);
  code += fmt::format("  for (long unit = first; unit < last; ++unit) {{\n"
                      "    const long {0} = unit / {1}, block = unit / {2} % {3}, group = unit % {2};\n"
                      "    const long start = block * {4}, end = min(start + {4}, {5}l);\n",
                      matrix, blocks * groups, groups, blocks, block_columns, columns);
  if (!direct_right) {
    code += fmt::format("    if (packed != unit / {0}) {{\n"
                        "      for (long c = start; c < end; c += {1})\n"
                        "        pack_right(m, iterations, {2}, c, min({1}l, end - c), {1}, right_panel + (c - start) * {3});\n"
                        "      packed = unit / {0};\n    }}\n",
                        groups, tile_columns, matrix, inner);
  }
  code += fmt::format("    for (long panel = group * {0}; panel < min((group + 1) * {0}, {1}l); ++panel) {{\n"
                      "      const long {2} = panel * {3}, height = min({3}l, {4} - {2});\n",
                      each, panels, row, tile.rows, rows);
  if (!direct_left)
    code += fmt::format("      pack_left(m, iterations, {}, {}, height, {}, left_panel);\n", matrix, row, left_width);
  code += fmt::format("      for (long {0} = start; {0} < end; {0} += {1}) {{\n"
                      "        const long across = min({1}l, end - {0});\n"
                      "        const float* const a = {2};\n        const float* const b = {3};\n",
                      column, tile_columns, direct_left ? base(product.left) : "left_panel",
                      direct_right ? base(product.right)
                                   : fmt::format("right_panel + ({} - start) * {}", column, inner));
  const std::int64_t a_row = direct_left ? left.outer_stride : left_by_rows ? row_stride : 1;
  const std::int64_t a_inner = direct_left ? left.inner_stride : left_by_rows ? 1 : tile.rows;
  const std::int64_t b_inner = direct_right ? right.inner_stride : tile_columns;
  // The full tile, and the smaller ones at the ends.
  const std::int64_t rest_rows = rows % tile.rows, rest_vectors = vectors % tile.vectors;
  for (const std::int64_t tile_rows : {tile.rows, rest_rows}) {
    for (const std::int64_t tile_vectors : {tile.vectors, rest_vectors}) {
      if (tile_rows == 0 || tile_vectors == 0) continue;
      std::string condition = rest_rows == 0 ? "" : fmt::format("height == {}", tile_rows);
      if (rest_vectors != 0) {
        condition += fmt::format("{}across {} {}", condition.empty() ? "" : " && ",
                                 tile_vectors == tile.vectors ? ">" : "<=", rest_vectors * width);
      }
      code += fmt::format("        {}{{\n          hk_tile<{}, {}, {}, {}, {}>(a, b, {}, sums);\n"
                          "          finish(m, iterations, {}, {}, {}, {}, across, sums, {});\n        }}\n",
                          condition.empty() ? "" : "if (" + condition + ") ", tile_rows, tile_vectors, a_row, a_inner,
                          b_inner, inner, matrix, row, tile_rows, column, tile_vectors * width);
    }
  }
  code += "      }\n    }\n  }\n";
  define("void run(void* const* m, const int* iterations, long first, long last, char* scratch)", code);
}

}  // namespace hekla::native
