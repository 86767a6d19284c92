// Emitting matrix products: register tiles (shaders/native_matmul.inc) over factors that are read where they lie, or
// packed into panels.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

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
};

// Cycles of one tile, about: two fused multiply-adds, and two loads, of vectors at once; then its result is stored and
// finished.
double cycles(std::int64_t rows, std::int64_t vectors, std::int64_t inner) {
  const auto products = static_cast<double>(rows * vectors), loads = static_cast<double>(rows + vectors);
  // A multiply-add takes four cycles, so that eight sums keep both units busy.
  const double step = std::max({products / 2, loads / 2, 4.0});
  return static_cast<double>(inner) * step + 20 + 3 * products;
}

// The tile that computes the whole product in the fewest cycles, its remainders included.
Tile choose(std::int64_t rows, std::int64_t columns, std::int64_t inner, const Target& target) {
  const std::int64_t width = target.vector_bytes / 4;
  const std::int64_t vectors = ceil_divide(columns, width);
  const std::int64_t most = target.registers - 4;  // vectors of sums
  Tile best;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t v = 1; v <= std::min(vectors, most); ++v) {
    for (std::int64_t r = 1; r <= std::min<std::int64_t>(rows, most / v); ++r) {
      double sum = 0;
      for (const std::int64_t tile_rows : {r, rows % r}) {
        for (const std::int64_t tile_vectors : {v, vectors % v}) {
          if (tile_rows == 0 || tile_vectors == 0) continue;
          const double count = static_cast<double>((tile_rows == r ? rows / r : 1) *
                                                   (tile_vectors == v ? vectors / v : 1));
          sum += count * cycles(tile_rows, tile_vectors, inner);
        }
      }
      if (sum < least) {
        least = sum;
        best = {r, v};
      }
    }
  }
  return best;
}

}  // namespace

/// How the tiles read a factor.
struct Emitter::Factor {
  bool is_direct = false;
  std::string base;          // direct: the pointer to the element at the row or column, and at the begin of the inner axis
  std::int64_t outer_stride = 0, inner_stride = 0;  // direct
  bool along_inner = false;  // packed: the axis along which it is read
};

// A factor that lies in memory with fixed strides is read there. The right one has to be contiguous along its columns,
// and not so large that its rows are too far apart for the caches.
Emitter::Factor Emitter::factor(const Body& body, int outer, std::int64_t outer_extent, std::int64_t inner,
                                bool is_left) {
  Factor factor;
  const Scalar& result = body.values[static_cast<std::size_t>(body.results[0])];
  int by_inner = 0, by_outer = 0;
  for (const Scalar& scalar : body.values) {
    if (scalar.kind != Scalar::Kind::load) continue;
    std::int64_t coefficient = 0;
    by_inner += scalar.index.linear_in(Axes::inner_axis, coefficient) && coefficient == 1 ? 1 : 0;
    by_outer += scalar.index.linear_in(outer, coefficient) && coefficient == 1 ? 1 : 0;
  }
  factor.along_inner = by_inner > by_outer;
  const bool depends_on_load = std::ranges::any_of(result.index.terms(), [](const Index::Term& term) {
    return term.atom->kind == Index::Atom::Kind::computed;
  });
  if (result.kind != Scalar::Kind::load || result.dtype != DType::f32 || depends_on_load) return factor;
  const bool is_linear = result.index.linear_in(outer, factor.outer_stride) &&
                         result.index.linear_in(Axes::inner_axis, factor.inner_stride);
  if (!is_linear || result.index.low() < 0) return factor;
  if (!is_left && factor.outer_stride != 1 && outer_extent > 1) return factor;
  constexpr std::int64_t far_apart = 512;  // elements: half of a page
  constexpr std::int64_t many = 256;
  if (!is_left && factor.inner_stride >= far_apart && inner >= many) return factor;
  factor.is_direct = true;
  BodyPrinter printer(body, memory_);
  factor.base = fmt::format("{} + ({})", memory_.pointer(result.operand),
                            printer.index(at(result.index, Axes::inner_axis, 0)));
  return factor;
}

// The function that packs `count` rows (or columns) of a factor from `start` on: element (k, j) to panel[k * width + j].
void Emitter::pack(const std::string& name, const Body& factor, int outer, std::int64_t inner, bool along_inner) {
  Body body = factor;
  Code code = cplusplus();
  const std::string place = axis_name(outer);
  std::int64_t inner_loop = inner;
  if (along_inner) {
    inner_loop = inner_extent(indices_of(body), Axes::inner_axis, inner);
    if (inner_loop < inner) nest(body, Axes::inner_axis, inner, inner_loop);
  }
  const bool is_nested = inner_loop < inner;
  BodyPrinter printer(body, memory_);
  const auto varies = [&](int value, std::uint64_t axes) {
    return (body.values[static_cast<std::size_t>(value)].varies & axes) != 0;
  };
  const auto loop_over_outer = [&](int depth) {
    return fmt::format("{0}for (long j = 0; j < count; ++j) {{\n{0}  const long {1} = start + j;\n", indent(depth), place);
  };
  const std::string value = printer.value(body.results[0]);
  if (!along_inner) {
    const std::string k = axis_name(Axes::inner_axis);
    const auto in_loop = [&](int v) { return varies(v, bit(outer)); };
    code += printer.statements(1, [&](int v) { return !varies(v, bit(outer) | bit(Axes::inner_axis)); });
    code += fmt::format("  for (long {0} = 0; {0} < {1}; ++{0}) {{\n", k, inner);
    code += printer.statements(2, [&](int v) { return varies(v, bit(Axes::inner_axis)) && !in_loop(v); });
    if (!printer.has_folds(in_loop)) code += "#pragma omp simd\n";
    code += loop_over_outer(2);
    code += printer.statements(3, in_loop);
    code += fmt::format("      panel[{} * width + j] = {};\n    }}\n  }}\n", k, value);
  } else {
    const std::uint64_t k_axes = is_nested ? bit(outer_axis) | bit(inner_axis) : bit(Axes::inner_axis);
    const std::uint64_t innermost = is_nested ? bit(inner_axis) : bit(Axes::inner_axis);
    code += loop_over_outer(1);
    code += printer.statements(2, [&](int v) { return !varies(v, k_axes); });
    int depth = 2;
    if (is_nested) {
      code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0}) {{\n", axis_name(outer_axis), inner / inner_loop);
      depth = 3;
      code += printer.statements(depth, [&](int v) { return varies(v, bit(outer_axis)) && !varies(v, innermost); });
    }
    const std::string k = axis_name(is_nested ? inner_axis : Axes::inner_axis);
    code += fmt::format("{0}for (long {1} = 0; {1} < {2}; ++{1}) {{\n", indent(depth), k, inner_loop);
    code += printer.statements(depth + 1, [&](int v) { return varies(v, innermost); });
    const std::string position = is_nested ? fmt::format("({} * {} + {})", axis_name(outer_axis), inner_loop, k) : k;
    code += fmt::format("{}panel[{} * width + j] = {};\n", indent(depth + 1), position, value);
    for (; depth > 0; --depth) code += indent(depth) + "}\n";
  }
  define(fmt::format("__attribute__((flatten)) void {}(void* const* m, const int* iterations, long i{}, long start, "
                     "long count, long width, float* panel)",
                     name, static_cast<int>(Axes::matrix_axis)),
         code);
}

// The function that finishes a tile: computes from the sums what is stored.
void Emitter::finish(const MatmulKernel& product) {
  BodyPrinter printer(product.result, memory_);
  Code code = cplusplus();
  const auto varies = [&](int v) {
    return (product.result.values[static_cast<std::size_t>(v)].varies & bit(Axes::column_axis)) != 0;
  };
  const std::string row = axis_name(Axes::row_axis), column = axis_name(Axes::column_axis);
  code += fmt::format("  for (long r = 0; r < rows; ++r) {{\n    const long {} = start_row + r;\n", row);
  code += printer.statements(2, [&](int v) { return !varies(v); });
  if (!printer.has_folds(varies)) code += "#pragma omp simd\n";
  code += fmt::format("    for (long c = 0; c < columns; ++c) {{\n      const long {} = start_column + c;\n"
                      "      const float anchor = sums[r * width + c];\n",
                      column);
  code += printer.statements(3, varies);
  code += stores(printer, kernel_.stores, 3) + "    }\n  }\n";
  define(fmt::format("__attribute__((flatten)) void finish(void* const* m, const int* iterations, long i{}, "
                     "long start_row, long rows, long start_column, long columns, const float* sums, long width)",
                     static_cast<int>(Axes::matrix_axis)),
         code);
}

void Emitter::emit(const MatmulKernel& product) {
  const std::int64_t rows = product.rows, columns = product.columns, inner = product.inner;
  const std::int64_t width = target_.vector_bytes / 4;
  const Tile tile = choose(rows, columns, inner, target_);
  const std::int64_t vectors = ceil_divide(columns, width);
  const Factor left = factor(product.left, Axes::row_axis, rows, inner, true);
  const Factor right = factor(product.right, Axes::column_axis, columns, inner, false);
  if (!left.is_direct) pack("pack_left", product.left, Axes::row_axis, inner, left.along_inner);
  if (!right.is_direct) pack("pack_right", product.right, Axes::column_axis, inner, right.along_inner);
  finish(product);

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
      cycles(tile.rows, tile.vectors, inner) * static_cast<double>(std::min(tiles_of_block, column_tiles));
  constexpr double unit_cycles = 8192;
  const std::int64_t each = std::clamp<std::int64_t>(static_cast<std::int64_t>(unit_cycles / panel_cycles), 1,
                                                     std::max<std::int64_t>(panels, 1));
  const std::int64_t groups = ceil_divide(panels, each);
  units_ = product.matrices * blocks * groups;
  const std::int64_t left_floats = left.is_direct ? 0 : inner * tile.rows;
  const std::int64_t right_floats = right.is_direct ? 0 : inner * block_columns;
  const std::int64_t aligned_left = ceil_divide(left_floats, 16) * 16;
  scratch_bytes_ = (aligned_left + right_floats) * 4;

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
  if (!right.is_direct) {
    code += fmt::format("    if (packed != unit / {0}) {{\n"
                        "      for (long c = start; c < end; c += {1})\n"
                        "        pack_right(m, iterations, {2}, c, min({1}l, end - c), {1}, right_panel + (c - start) * {3});\n"
                        "      packed = unit / {0};\n    }}\n",
                        groups, tile_columns, matrix, inner);
  }
  code += fmt::format("    for (long panel = group * {0}; panel < min((group + 1) * {0}, {1}l); ++panel) {{\n"
                      "      const long {2} = panel * {3}, height = min({3}l, {4} - {2});\n",
                      each, panels, row, tile.rows, rows);
  if (!left.is_direct)
    code += fmt::format("      pack_left(m, iterations, {}, {}, height, {}, left_panel);\n", matrix, row, tile.rows);
  code += fmt::format("      for (long {0} = start; {0} < end; {0} += {1}) {{\n"
                      "        const long across = min({1}l, end - {0});\n"
                      "        const float* const a = {2};\n        const float* const b = {3};\n",
                      column, tile_columns, left.is_direct ? left.base : "left_panel",
                      right.is_direct ? right.base : fmt::format("right_panel + ({} - start) * {}", column, inner));
  const std::int64_t a_row = left.is_direct ? left.outer_stride : 1;
  const std::int64_t a_inner = left.is_direct ? left.inner_stride : tile.rows;
  const std::int64_t b_inner = right.is_direct ? right.inner_stride : tile_columns;
  const auto call = [&](std::int64_t tile_rows, std::int64_t tile_vectors) {
    return fmt::format("hk_tile<{}, {}, {}, {}, {}>(a, b, {}, sums), finish(m, iterations, {}, {}, {}, {}, across, sums, {});\n",
                       tile_rows, tile_vectors, a_row, a_inner, b_inner, inner, matrix, row, tile_rows, column,
                       tile_vectors * width);
  };
  const std::int64_t rest_rows = rows % tile.rows, rest_vectors = vectors % tile.vectors;
  code += "        " + (rest_rows == 0 && rest_vectors == 0 ? "" : rest_vectors == 0 ? fmt::format("if (height == {}) ", tile.rows)
                        : rest_rows == 0 ? fmt::format("if (across > {}) ", rest_vectors * width)
                                         : fmt::format("if (height == {} && across > {}) ", tile.rows, rest_vectors * width));
  code += call(tile.rows, tile.vectors);
  if (rest_vectors != 0) {
    code += rest_rows == 0 ? "        else " : fmt::format("        else if (height == {}) ", tile.rows);
    code += call(tile.rows, rest_vectors);
  }
  if (rest_rows != 0) {
    code += rest_vectors == 0 ? "        else " : fmt::format("        else if (across > {}) ", rest_vectors * width);
    code += call(rest_rows, tile.vectors);
    if (rest_vectors != 0) code += "        else " + call(rest_rows, rest_vectors);
  }
  code += "      }\n    }\n  }\n";
  define("void run(void* const* m, const int* iterations, long first, long last, char* scratch)", code);
}

}  // namespace hekla::native
