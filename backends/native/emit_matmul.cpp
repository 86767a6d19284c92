// Emitting matrix products: register tiles (shaders/native_matmul.inc) over factors that are read where they lie, or
// packed into panels.
#include <fmt/format.h>

#include <algorithm>

#include "backends/native/cplusplus.h"
#include "backends/native/emitter.h"
#include "backends/native/nest.h"
#include "backends/native/product.h"

namespace hekla::native {

namespace {

using Axes = MatmulKernel;

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
  const std::string value = printer.value(body.results[0]), place = axis_name(outer),
                    k = axis_name(Axes::inner_axis);
  const auto target = [&](const std::string& j, const std::string& at_k) {
    return by_rows ? fmt::format("panel[({}) * width + {}]", j, at_k)
                   : fmt::format("panel[({}) * width + {}]", at_k, j);
  };
  // Three loops: over what is not the axis of the runs, over the runs, along a run.
  const std::uint64_t innermost = bit(is_nested ? inner_axis : axis),
                      between = is_nested ? bit(outer_axis) : 0;
  const auto first = [&](int v) { return !varies(v, innermost | between); };
  const auto second = [&](int v) { return varies(v, between) && !varies(v, innermost); };
  const auto third = [&](int v) { return varies(v, innermost); };
  const std::string pragma = printer.has_loops(third) ? "" : "HK_SIMD\n";
  // Padding ends where a run ends: whether a run lies in it is known before.
  const int result = body.results[0];
  const Scalar& element = body.values[static_cast<std::size_t>(result)];
  std::uint64_t bound_axes = 0;
  for (const View::Bound& bound : element.bounds) bound_axes |= bound.value.axes();
  const bool is_guarded = element.kind == Scalar::Kind::inside && (bound_axes & innermost) == 0;
  // The loop over `length` elements of a run, whose `target` is in terms of t.
  const auto over_run = [&](const std::string& length, const std::string& from, const std::string& to,
                            int depth) {
    const std::string head =
        fmt::format("{0}for (long t = 0; t < {1}; ++t) {{\n{0}  const long {2} = {3}t;\n", indent(depth),
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
              fmt::format("{0}  {1} = {2};\n{0}}}\n{0}}}\n", indent(depth), to,
                          literal(element.number, DType::f32));
    }
  };
  if (along_inner && !by_rows && run >= transposed_block) {
    // Blocks of rows along the inner axis, each transposed in registers.
    const bool whole_columns =
        outer_extent % transposed_block == 0 && width_of(target_) % transposed_block == 0;
    code += fmt::format(
        "  alignas(64) float rows[{0} * {0}];\n  for (long top = 0; top < count; top += {0}) {{\n"
        "    const long height = {1};\n",
        transposed_block,
        whole_columns ? fmt::format("{}", transposed_block)
                      : fmt::format("min({}l, count - top)", transposed_block));
    if (is_nested)
      code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0})\n", axis_name(outer_axis), extent / run);
    code += fmt::format(
        "    for (long begin = 0; begin < {0}; begin += {1}) {{\n"
        "      for (long j = 0; j < height; ++j) {{\n        const long {2} = start + top + j;\n",
        run, transposed_block, place);
    const std::string length = run % transposed_block == 0
                                   ? fmt::format("{}", transposed_block)
                                   : fmt::format("min({}l, {} - begin)", transposed_block, run);
    code += printer.statements(4, first);
    code += printer.statements(4, second);
    over_run(length, "begin + ", fmt::format("rows[j * {} + t]", transposed_block), 4);
    code += fmt::format(
        "      }}\n      hk_transpose(rows, panel + ({} + begin) * width + top, width, {}, height);\n    "
        "}}\n  }}\n",
        is_nested ? fmt::format("{} * {}", axis_name(outer_axis), run) : "0", length);
  } else if (along_inner) {
    code += fmt::format("  for (long j = 0; j < count; ++j) {{\n    const long {} = start + j;\n", place);
    code += printer.statements(2, first);
    if (is_nested)
      code +=
          fmt::format("    for (long {0} = 0; {0} < {1}; ++{0}) {{\n", axis_name(outer_axis), extent / run);
    code += printer.statements(3, second);
    over_run(std::to_string(run), "",
             target("j", is_nested ? fmt::format("({} * {} + t)", axis_name(outer_axis), run) : "t"), 3);
    code += is_nested ? "    }\n  }\n" : "  }\n";
  } else {
    code += fmt::format("  for (long {0} = 0; {0} < {1}; ++{0}) {{\n", k, inner);
    code += printer.statements(2, first);
    if (is_nested) {
      code += fmt::format(
          "    for (long j = 0; j < count;) {{\n"
          "      const long {0} = (start + j) / {1}, from = (start + j) % {1}, length = min({1} - from, "
          "count - j);\n",
          axis_name(outer_axis), run);
      code += printer.statements(3, second);
      over_run("length", "from + ", target("j + t", k), 3);
      code += "      j += length;\n    }\n  }\n";
    } else {
      over_run("count", "start + ", target("t", k), 2);
      code += "  }\n";
    }
  }
  define(fmt::format(
             "__attribute__((flatten)) void {}(void* const* m, const int* iterations, long i{}, long start, "
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
  const std::uint64_t innermost = bit(is_nested ? inner_axis : axis),
                      between = is_nested ? bit(outer_axis) : 0;
  const auto third = [&](int v) { return extent == 1 || varies(v, innermost); };
  const auto second = [&](int v) { return !third(v) && varies(v, between); };
  const auto first = [&](int v) { return !third(v) && !second(v); };
  const std::string start = by_columns ? "start_row" : "start_column",
                    count = by_columns ? "rows" : "columns";
  Code code = cplusplus();
  code +=
      by_columns
          ? fmt::format("  for (long c = 0; c < columns; ++c) {{\n    const long {} = start_column + c;\n",
                        axis_name(Axes::column_axis))
          : fmt::format("  for (long r = 0; r < rows; ++r) {{\n    const long {} = start_row + r;\n",
                        axis_name(Axes::row_axis));
  code += printer.statements(2, first);
  std::string place = "t";
  if (is_nested) {
    code += fmt::format(
        "    for (long j = 0; j < {0};) {{\n"
        "      const long {1} = ({2} + j) / {3}, from = ({2} + j) % {3}, length = min({3} - from, {0} - "
        "j);\n",
        count, axis_name(outer_axis), start, run);
    code += printer.statements(3, second);
    place = "(j + t)";
  }
  if (!printer.has_loops(third)) code += "HK_SIMD\n";
  code += fmt::format("      for (long t = 0; t < {}; ++t) {{\n        const long {} = {} + t;\n",
                      is_nested ? "length" : count, axis_name(is_nested ? inner_axis : axis),
                      is_nested ? "from" : start);
  code += by_columns ? fmt::format("        const float anchor = sums[{} * width + c];\n", place)
                     : fmt::format("        const float anchor = sums[r * width + {}];\n", place);
  code += printer.statements(4, third);
  code += this->stores(printer, stores, 4) + "      }\n";
  if (is_nested) code += "      j += length;\n    }\n";
  code += "  }\n";
  define(fmt::format(
             "__attribute__((flatten)) void finish(void* const* m, const int* iterations, long i{}, "
             "long start_row, long rows, long start_column, long columns, const float* sums, long width)",
             static_cast<int>(Axes::matrix_axis)),
         code);
}

void Emitter::emit(const MatmulKernel& as_planned) {
  MatmulKernel product = as_planned;
  std::vector<Store> stores = kernel_.stores;
  const Way way = best_way(product, stores, target_);
  const std::int64_t rows = product.rows, columns = product.columns, inner = product.inner;
  const Tile& tile = way.tile;

  // A block of columns, of whole tiles, stays in a level-2 cache while all rows pass.
  constexpr std::int64_t block_elements = 192 * 1024;
  const std::int64_t column_tiles = ceil_divide(columns, tile.columns);
  const std::int64_t tiles_of_block = std::clamp<std::int64_t>(
      block_elements / std::max<std::int64_t>(inner * tile.columns, 1), 1, column_tiles);
  const std::int64_t blocks = ceil_divide(column_tiles, tiles_of_block);
  const std::int64_t block_columns = tiles_of_block * tile.columns;
  const std::int64_t panels = ceil_divide(rows, tile.rows);
  const double panel_cycles =
      cycles_of(tile, inner, target_) * static_cast<double>(std::min(tiles_of_block, column_tiles));
  constexpr double cycles_worth_sharing = 6000;
  const bool is_shared =
      panel_cycles * static_cast<double>(panels * blocks * product.matrices) > cycles_worth_sharing;
  const std::int64_t each = is_shared ? 1 : std::max<std::int64_t>(panels, 1);
  const std::int64_t groups = ceil_divide(panels, each);
  units_ = product.matrices * blocks * groups;
  // An odd number of cache lines between rows, so that they fall onto different sets.
  const std::int64_t row_stride = ceil_divide(inner, 32) * 32 + 16;
  const std::int64_t left_width = way.left.by_rows ? row_stride : tile.rows;
  const std::int64_t left_floats = way.left.is_direct ? 0
                                   : way.left.by_rows ? row_stride * tile.rows
                                                      : inner * tile.rows;
  const std::int64_t right_width = way.right.by_rows ? row_stride : tile.columns;
  const std::int64_t right_floats =
      way.right.is_direct ? 0 : (way.right.by_rows ? row_stride : inner) * block_columns;
  const std::int64_t aligned_left = ceil_divide(left_floats, 16) * 16;
  scratch_bytes_ = (aligned_left + right_floats) * 4;

  if (!way.left.is_direct)
    pack("pack_left", product.left, Axes::row_axis, rows, inner, way.left.along_inner, way.left.by_rows);
  if (!way.right.is_direct)
    pack("pack_right", product.right, Axes::column_axis, columns, inner, way.right.along_inner,
         way.right.by_rows);
  finish(product, stores);

  const auto base = [&](const Body& body) {
    const Scalar& load = body.values[static_cast<std::size_t>(body.results[0])];
    return fmt::format("{} + ({})", memory_.pointer(load.operand),
                       BodyPrinter(body, memory_).index(at(load.index, Axes::inner_axis, 0)));
  };
  Code code = cplusplus();
  const std::string matrix = axis_name(Axes::matrix_axis), row = axis_name(Axes::row_axis),
                    column = axis_name(Axes::column_axis);
  const std::int64_t column_stride =
      way.right.by_rows ? row_stride : inner;  // between columns of the right panel
  code += fmt::format(
      "  float* const left_panel = (float*)scratch;\n  float* const right_panel = left_panel + {};\n"
      "  alignas(64) float sums[{}];\n  long packed = -1;\n",
      aligned_left, tile.rows * tile.columns);
  code += fmt::format(
      "  for (long unit = first; unit < last; ++unit) {{\n"
      "    const long {0} = unit / {1}, block = unit / {2} % {3}, group = unit % {2};\n"
      "    const long start = block * {4}, end = min(start + {4}, {5}l);\n",
      matrix, blocks * groups, groups, blocks, block_columns, columns);
  if (!way.right.is_direct) {
    code += fmt::format(
        "    if (packed != unit / {0}) {{\n"
        "      for (long c = start; c < end; c += {1})\n"
        "        pack_right(m, iterations, {2}, c, min({1}l, end - c), {3}, right_panel + (c - start) * "
        "{4});\n"
        "      packed = unit / {0};\n    }}\n",
        groups, tile.columns, matrix, right_width, column_stride);
  }
  code += fmt::format(
      "    for (long panel = group * {0}; panel < min((group + 1) * {0}, {1}l); ++panel) {{\n"
      "      const long {2} = panel * {3}, height = min({3}l, {4} - {2});\n",
      each, panels, row, tile.rows, rows);
  if (!way.left.is_direct)
    code += fmt::format("      pack_left(m, iterations, {}, {}, height, {}, left_panel);\n", matrix, row,
                        left_width);
  code += fmt::format(
      "      for (long {0} = start; {0} < end; {0} += {1}) {{\n"
      "        const long across = min({1}l, end - {0});\n"
      "        const float* const a = {2};\n        const float* const b = {3};\n",
      column, tile.columns, way.left.is_direct ? base(product.left) : "left_panel",
      way.right.is_direct ? base(product.right)
                          : fmt::format("right_panel + ({} - start) * {}", column, column_stride));
  const std::int64_t a_row = way.left.is_direct ? way.left_access.outer_stride
                             : way.left.by_rows ? row_stride
                                                : 1;
  const std::int64_t a_inner = way.left.is_direct ? way.left_access.inner_stride
                               : way.left.by_rows ? 1
                                                  : tile.rows;
  const std::int64_t b_inner = way.right.is_direct ? way.right_access.inner_stride : tile.columns;
  const std::int64_t b_column = way.right.is_direct ? way.right_access.outer_stride : row_stride;
  // The full tile, and the smaller ones at the ends.
  const std::int64_t unit = tile.along_inner ? 1 : width_of(target_);
  const std::int64_t rest_rows = rows % tile.rows;
  std::int64_t rest_columns = ceil_divide(columns % tile.columns, unit) * unit;
  if (rest_columns == tile.columns) rest_columns = 0;  // the last tile is as wide as the others
  for (const std::int64_t tile_rows : {tile.rows, rest_rows}) {
    for (const std::int64_t tile_columns : {tile.columns, rest_columns}) {
      if (tile_rows == 0 || tile_columns == 0) continue;
      std::string condition = rest_rows == 0 ? "" : fmt::format("height == {}", tile_rows);
      if (rest_columns != 0) {
        condition += fmt::format("{}across {} {}", condition.empty() ? "" : " && ",
                                 tile_columns == tile.columns ? ">" : "<=", rest_columns);
      }
      const std::string function =
          tile.along_inner
              ? fmt::format("hk_dot_tile<{}, {}, {}, {}>", tile_rows, tile_columns, a_row, b_column)
              : fmt::format("hk_tile<{}, {}, {}, {}, {}>", tile_rows, tile_columns / unit, a_row, a_inner,
                            b_inner);
      code += fmt::format(
          "        {}{{\n          {}(a, b, {}, sums);\n"
          "          finish(m, iterations, {}, {}, {}, {}, across, sums, {});\n        }}\n",
          condition.empty() ? "" : "if (" + condition + ") ", function, inner, matrix, row, tile_rows, column,
          tile_columns);
    }
  }
  code += "      }\n    }\n  }\n";
  define("void run(void* const* m, const int* iterations, long first, long last, char* scratch)", code);
}

}  // namespace hekla::native
