// Emitting matrix products.
#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/emitter.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

MatmulSizes sizes_of(const Kernel& kernel) {
  const auto& product = std::get<MatmulKernel>(kernel.form);
  return {static_cast<std::uint64_t>(product.rows),
          static_cast<std::uint64_t>(product.columns),
          static_cast<std::uint64_t>(product.inner),
          static_cast<std::uint64_t>(product.matrices),
          product.left_along_inner,
          product.right_along_inner,
          kernel.stores.size()};
}

namespace {

// The value of a factor inside of its padding along the inner axis, where zeros meet zeros (see lower.cpp).
int without_padding(const Body& factor, std::int64_t inner) {
  const Scalar& element = factor.values[static_cast<std::size_t>(factor.results[0])];
  const bool is_padding = element.kind == Scalar::Kind::inside && element.bounds.size() == 1 &&
                          element.bounds[0].low == 0 && element.bounds[0].high == inner;
  return is_padding ? element.arguments[0] : factor.results[0];
}

}  // namespace

// The prepare and load hooks of one factor. Loop-invariant values, which do not vary with the inner axis, are
// hoisted out of the k loop: prepare computes and keeps them.
void Emitter::factor(char side, const Body& body, int outer_axis, bool along_inner, std::int64_t inner) {
  using Axes = MatmulKernel;
  const std::string outer = side == 'a' ? "row" : "column";
  BodyPrinter printer(body, surroundings(fmt::format("{}_", side), [=](int axis) -> std::string {
                        if (axis == Axes::matrix_axis) return "int(batch)";
                        if (axis == outer_axis)
                          return along_inner ? fmt::format("int({})", outer)
                                             : fmt::format("int({} / 4u)", outer);
                        if (axis == Axes::inner_axis) return along_inner ? "int(k / 4u)" : "int(k)";
                        return axis_name(axis);
                      }));
  const std::uint64_t inner_bits =
      std::uint64_t{1} << Axes::inner_axis | (along_inner ? std::uint64_t{1} << component_axis : 0);
  const auto kept = [&](int value) {
    const Scalar& scalar = body.values[static_cast<std::size_t>(value)];
    return scalar.kind != Scalar::Kind::constant && (scalar.varies & inner_bits) == 0;
  };
  std::string arrays;
  Code prepare = printer.statements(1, kept);
  for (const int value : body.order) {
    if (!kept(value)) continue;
    const std::string array = fmt::format("${}_kept_{}", side, value);
    const DType dtype = body.values[static_cast<std::size_t>(value)].dtype;
    arrays += fmt::format("{} {}[${}_SLOTS];\n", type_name(dtype, printer.is_quad_value(value)), array,
                          side == 'a' ? 'A' : 'B');
    prepare += fmt::format("  {}[slot] = {};\n", array, printer.whole(value));
    printer.rename(value, array + "[slot]");
  }
  const int result = body.results[0];
  const Code load = printer.statements(1, [&](int value) { return !kept(value); });
  std::string element = fmt::format("vec4({})", printer.whole(result));
  // A driver may fold a product with a constant 0 to 0, whatever the other factor is.
  if (printer.may_be_constant(without_padding(body, inner))) element = hidden(element);
  hooks_ += fmt::format("{}void $prepare_{}(uint slot, uint batch, uint {}) {{\n", arrays, side, outer);
  hooks_ += prepare;
  hooks_ += fmt::format("}}\n\nvec4 $load_{}(uint slot, uint batch, uint {}, uint {}) {{\n", side,
                        side == 'a' ? "row" : "k", side == 'a' ? "k" : "column");
  hooks_ += load;
  hooks_ += fmt::format("  return {};\n}}\n\n", element);
}

// The result body of a matrix product at a row and a quad of columns, with these GLSL variable names.
BodyPrinter Emitter::result_printer(const MatmulKernel& product, std::string prefix, std::string anchor,
                                    std::string row, std::string column) {
  Surroundings around = surroundings(std::move(prefix), [=](int axis) -> std::string {
    switch (axis) {
      case MatmulKernel::matrix_axis:
        return "int(batch)";
      case MatmulKernel::row_axis:
        return fmt::format("int({})", row);
      case MatmulKernel::column_axis:
        return fmt::format("int({} / 4u)", column);
      default:
        return axis_name(axis);
    }
  });
  around.anchor = std::move(anchor);
  around.anchor_is_quad = true;
  return BodyPrinter(product.result, around);
}

// The hook that stores one quad of a matrix product.
void Emitter::store(const MatmulKernel& product) {
  BodyPrinter printer = result_printer(product, "v", "anchor", "row", "column");
  const Code results = printer.statements(1);
  std::function<std::string(int)> guard;
  if (product.columns % quad != 0) {
    guard = [](int c) { return fmt::format("column + {}u < $N", c); };
  }
  hooks_ += "void $store(uint batch, uint row, uint column, vec4 anchor) {\n";
  hooks_ += results;
  hooks_ += stores(printer, true, guard) + "}\n";
}

// Finds the octets of a row, pairs of contiguous quads, and whether they start at even or odd quads.
std::optional<Emitter::Parities> Emitter::octets_of_rows(const MatmulKernel& product) const {
  using Axes = MatmulKernel;
  const std::int64_t quads_in_row = product.columns / quad;
  if (!target_.octet_stores || product.columns % quad != 0 || quads_in_row < 2) return std::nullopt;
  Parities parities;
  for (const Store& store : kernel_.stores) {
    Index quads;
    if (is_packed(store.dtype) || store.dtype == DType::boolean || !is_quad(store.index, quads))
      return std::nullopt;
    std::array<bool, 2> odd{};
    for (const std::int64_t row_parity : {0, 1}) {
      // The index of the quad at an even or odd row, the `side`-th of two neighbours.
      const auto at = [&](std::int64_t side) {
        return hekla::substitute(quads, [&](const Index::Atom& leaf) {
          if (leaf.id == Axes::matrix_axis) return Index::axis(leaf.id, product.matrices);
          if (leaf.id == Axes::row_axis)
            return Index::axis(leaf.id, std::max<std::int64_t>(1, (product.rows + 1 - row_parity) / 2)) * 2 +
                   row_parity;
          return Index::axis(Axes::column_axis, quads_in_row / 2) * 2 + side;
        });
      };
      const Index parity = modulo(at(0), 2);
      if (!(at(1) - at(0) == Index(1)) || !parity.is_constant()) return std::nullopt;
      odd[static_cast<std::size_t>(row_parity)] = parity.constant() == 1;
    }
    parities.push_back(odd);
  }
  return parities;
}

// The hook that stores the quads of two rows as octets. Two neighbouring lanes with contiguous quads swap one
// quad each, so that one lane holds eight elements of the first row and the other eight of the second.
void Emitter::store_pair(const MatmulKernel& product, const Parities& parities) {
  BodyPrinter first = result_printer(product, "v", "anchor_a", "row_a", "inside");
  BodyPrinter second = result_printer(product, "w", "anchor_b", "row_b", "inside");
  // Out-of-range rows and columns are clamped: computed from valid elements and not stored.
  hooks_ +=
      "void $store_pair(uint batch, uint row, uint column, uint parity, vec4 anchor_a, vec4 anchor_b) {\n"
      "  uint row_a = min(row, $M - 1u), row_b = min(row + 2u, $M - 1u), inside = min(column, $N - 4u);\n"
      "  bool is_second = column % 8u != 0u;\n"
      "  uint own_row = is_second ? row + 2u : row, own_column = column / 8u * 8u;\n"
      "  bool has_row = $M % $ROWS == 0u || own_row < $M;\n";
  hooks_ += first.statements(1);
  hooks_ += second.statements(1);
  BodyPrinter place = result_printer(product, "p", "", "own_row", "own_column");
  for (std::size_t k = 0; k < kernel_.stores.size(); ++k) {
    const Store& store = kernel_.stores[k];
    Index quads;
    is_quad(store.index, quads);
    const std::string type = type_name(store.dtype, true);
    const std::string at = place.index(quads, 0);
    const auto save = [&](bool odd) {
      return fmt::format("{}({}, low_{}, high_{});", memory_.write_octet(store.slot, store.dtype, odd), at, k,
                         k);
    };
    hooks_ += fmt::format(
        "  {0} a_{1} = {2}, b_{1} = {3};\n"
        "  {0} swapped_{1} = subgroupShuffleXor(is_second ? a_{1} : b_{1}, 1u);\n"
        "  {0} low_{1} = is_second ? swapped_{1} : a_{1}, high_{1} = is_second ? b_{1} : swapped_{1};\n",
        type, k, quad_of(first, store), quad_of(second, store));
    const auto [even_row, odd_row] = parities[k];
    hooks_ += "  if (has_row && ($N % $COLUMNS == 0u || own_column + 8u <= $N)) {\n";
    if (even_row == odd_row) {
      hooks_ += fmt::format("    {}\n", save(even_row));
    } else {
      hooks_ += fmt::format("    if (parity == 0u) {}\n    else {}\n", save(even_row), save(odd_row));
    }
    hooks_ += "  }\n";
    if (product.columns % (2 * quad) != 0) {
      hooks_ += fmt::format("  if (has_row && own_column + 4u == $N) {}({}, low_{});\n",
                            memory_.write(store.slot, store.dtype, true), at, k);
    }
  }
  hooks_ += "}\n";
}

void Emitter::emit(const MatmulKernel& product) {
  invocation_axes_ =
      1u << MatmulKernel::matrix_axis | 1u << MatmulKernel::row_axis | 1u << MatmulKernel::column_axis;
  const MatmulSizes sizes = sizes_of(kernel_);
  const MatmulFamily& family = family_for(target_, product.factor_dtype);
  const MatmulTiles tiles = tiles_ ? *tiles_
                            : target_.tiles && target_.tiles->family == &family
                                ? *target_.tiles
                                : family.choose(sizes, target_.tile_limits(product.factor_dtype));
  definitions_.define("M", sizes.rows);
  definitions_.define("N", sizes.columns);
  definitions_.define("K", sizes.inner);
  definitions_.define("BATCHES", sizes.batches);
  definitions_.define("A_ALONG_K", std::string(sizes.a_along_k ? "1" : "0"));
  definitions_.define("B_ALONG_K", std::string(sizes.b_along_k ? "1" : "0"));
  definitions_.define("A_SLOTS", tiles.family->a_slots(tiles));
  definitions_.define("B_SLOTS", tiles.family->b_slots(tiles, sizes));
  tiles.family->define(definitions_, tiles, sizes, target_, product.factor_dtype);
  skeleton_ = tiles.family->skeleton();
  factor('a', product.left, MatmulKernel::row_axis, product.left_along_inner, product.inner);
  factor('b', product.right, MatmulKernel::column_axis, product.right_along_inner, product.inner);

  const std::optional<Parities> parities = tiles.family->pairs_rows ? octets_of_rows(product) : std::nullopt;
  definitions_.define("OCTETS", std::string(parities ? "1" : "0"));
  if (parities) {
    store_pair(product, *parities);
  } else {
    store(product);
  }
  groups_ = vulkan::workgroups(tiles, sizes);
  local_size_ = local_size(tiles);
}

}  // namespace hekla::vulkan
