// Emitting. The hooks' contracts stand at the head of the skeletons in shaders/.
#include "backends/vulkan/emit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "backends/vulkan/glsl.h"
#include "backends/vulkan/memory_hooks.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

std::string axis_name(int axis) { return fmt::format("i{}", axis); }

std::uint32_t local_size_for(std::uint64_t invocations, const Target& target) {
  // Small kernels are cut finer, so that all units have work, into whole subgroups: idle lanes cost what busy
  // ones do.
  const std::uint64_t subgroup = std::max(8u, target.tile_limits.subgroup_size);
  const std::uint64_t share = (invocations + target.units - 1) / target.units;
  const std::uint64_t whole = std::max<std::uint64_t>(1, (share + subgroup - 1) / subgroup) * subgroup;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, target.local_size));
}

class Emitter {
 public:
  Emitter(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
          const std::optional<MatmulTiles>& tiles)
      : kernel_(kernel), target_(target), tiles_(tiles), memory_(kernel, slots, target) {}

  EmittedKernel run() {
    std::uint64_t workgroups = 0;
    switch (kernel_.form) {
      case Form::map:
        workgroups = map();
        break;
      case Form::reduce:
        workgroups = reduce();
        break;
      case Form::matmul:
        workgroups = matmul();
        break;
      case Form::custom:
        workgroups = custom();
        break;
    }
    const std::string head = fmt::format(
        "#version 460\n"
        "#extension GL_EXT_control_flow_attributes : require\n"
        "#extension GL_KHR_shader_subgroup_basic : require\n"
        "{}// {}\n\n",
        extensions_, kernel_.label);
    std::vector<const Body*> bodies = {&kernel_.result, &kernel_.left, &kernel_.right};
    for (const MapPart& part : kernel_.parts) bodies.push_back(&part.body);
    const std::string library = library_functions(bodies);
    return {kernel_.label,
            head + defines_ + "\n" + memory_.declarations() + "\n" + library + hooks_ + "\n" + skeleton_,
            memory_.bindings(), workgroups};
  }

 private:
  void define(std::string_view name, std::uint64_t value) {
    defines_ += fmt::format("#define {} {}u\n", name, value);
  }
  void define(std::string_view name, const std::string& text) {
    defines_ += fmt::format("#define {} {}\n", name, text);
  }

  Surroundings surroundings(std::string prefix, std::function<std::string(int)> axes = axis_name) {
    return {.prefix = std::move(prefix),
            .axis_name = std::move(axes),
            .load = [this](int operand, bool quads) { return memory_.read(operand, quads); },
            .anchor = "anchor"};
  }

  // The stores of the result body, or of a map's part, after its statements.
  std::string stores(const BodyPrinter& printer, bool wide, const std::function<std::string(int)>& guard = {},
                     int part = 0, std::string_view indent = "  ") {
    std::string text;
    for (const Store& store : kernel_.stores) {
      if (store.part != part) continue;
      Index quads;
      const bool in_quads = wide && !guard && is_quad(store.index, quads);
      if (in_quads || is_packed(store.dtype)) {
        std::string value = printer.whole(store.value);
        if (!printer.is_quad_value(store.value))
          value = fmt::format("{}({})", type_name(store.dtype, true), value);
        text += fmt::format("{}{}({}, {});\n", indent, memory_.write(store.slot, store.dtype, true),
                            printer.index(quads, 0), value);
        continue;
      }
      const bool varies = store.index.axes() >> component_axis & 1;
      for (int c = 0; c < (varies || guard ? quad : 1); ++c) {
        text += indent;
        if (guard) text += fmt::format("if ({}) ", guard(c));
        text += fmt::format("{}({}, {});\n", memory_.write(store.slot, store.dtype, false),
                            printer.index(store.index, c), printer.component(store.value, c));
      }
    }
    return text;
  }

  // What an item of a map, or of its part, computes and stores.
  void compute(const std::string& name, const Body& body, bool wide, std::int64_t row, int part) {
    BodyPrinter printer(body, surroundings("v"));
    hooks_ += fmt::format("void {}(int i0) {{\n", name);
    if (row == 1) {
      hooks_ += printer.statements(1);
      hooks_ += stores(printer, wide, {}, part);
    } else {
      const auto varies = [&](int value) {
        return (body.values[static_cast<std::size_t>(value)].varies >> element_axis & 1) != 0;
      };
      const std::string axis = axis_name(element_axis);
      hooks_ += printer.statements(1, [&](int value) { return !varies(value); });
      hooks_ += fmt::format("  for (int {0} = 0; {0} < {1}; ++{0}) {{\n", axis, row);
      hooks_ += printer.statements(2, varies);
      hooks_ += stores(printer, wide, {}, part, "    ") + "  }\n";
    }
    hooks_ += "}\n\n";
  }

  std::uint64_t map() {
    auto items = static_cast<std::uint64_t>(kernel_.items);
    if (kernel_.parts.empty()) {
      compute("compute", kernel_.result, kernel_.wide, kernel_.row, 0);
    } else {
      compute("compute_0", kernel_.result, kernel_.wide, kernel_.row, 0);
      std::string choice = fmt::format("  if (item < {}) compute_0(item);\n", items);
      for (std::size_t p = 0; p < kernel_.parts.size(); ++p) {
        const MapPart& part = kernel_.parts[p];
        const std::string name = fmt::format("compute_{}", p + 1);
        compute(name, part.body, part.wide, part.row, static_cast<int>(p) + 1);
        const std::uint64_t start = items;
        items += static_cast<std::uint64_t>(part.items);
        choice += fmt::format("  if (item >= {} && item < {}) {}(item - {});\n", start, items, name, start);
      }
      hooks_ += fmt::format("void compute(int item) {{\n{}}}\n", choice);
    }
    const std::uint32_t local_size = local_size_for(items, target_);
    define("ITEMS", items);
    define("LOCAL_SIZE", local_size);
    skeleton_ = shader_text("map.comp");
    return (items + local_size - 1) / local_size;
  }

  std::uint64_t reduce() {
    const bool quads = kernel_.wide || kernel_.wide_length;
    const std::int64_t length = kernel_.wide_length ? kernel_.length / quad : kernel_.length;
    const std::string type = type_name(kernel_.fold_dtype, quads);
    const std::string scalar_type = type_name(kernel_.fold_dtype, false);
    // No more lanes than elements; the rest of a workgroup folds for other items.
    const auto lanes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(target_.reduce_lanes, std::bit_floor(static_cast<std::uint64_t>(length))));
    const std::uint64_t invocations = static_cast<std::uint64_t>(kernel_.items) * lanes;
    const bool shuffle = lanes > 1 && target_.fold_subgroup > 1;
    const std::uint32_t local_size = std::max(
        {lanes, std::bit_ceil(local_size_for(invocations, target_)), shuffle ? target_.fold_subgroup : 1});
    if (shuffle) extensions_ = "#extension GL_KHR_shader_subgroup_shuffle_relative : require\n";
    define("SUBGROUP_SHUFFLE", std::string(shuffle ? "1" : "0"));
    define("ITEMS", static_cast<std::uint64_t>(kernel_.items));
    define("LENGTH", static_cast<std::uint64_t>(length));
    define("LANES", std::to_string(lanes));
    // Four elements a turn spare a short program much of its loop; a longer one would only be longer to
    // compile.
    constexpr std::size_t few_values = 16;
    const bool is_short = kernel_.left.values.size() <= few_values && kernel_.left.iterations() == 0;
    define("FOUR_A_TURN", std::string(is_short && length % (4 * lanes) == 0 ? "1" : "0"));
    define("LOCAL_SIZE", local_size);
    define("ELEMENT", type);
    define("START", fmt::format("{}({})", type, literal(kernel_.fold->identity, kernel_.fold_dtype)));

    BodyPrinter element(kernel_.left, surroundings("e"));
    const int folded = kernel_.left.results[0];
    const std::string statements = element.statements(1);
    hooks_ = fmt::format("{} element(int i0, int i1) {{\n{}  return {}({});\n}}\n\n", type, statements, type,
                         element.whole(folded));
    const auto combined = [&](const std::string& a, const std::string& b) {
      return substitute(kernel_.fold->glsl, {a, b}, scalar_type);
    };
    hooks_ += fmt::format("{} combine({} a, {} b) {{\n", scalar_type, scalar_type, scalar_type);
    hooks_ += fmt::format("  return {};{}\n}}\n", combined("a", "b"), signature(*kernel_.fold));
    if (quads) {
      hooks_ += fmt::format(
          "{} combine({} a, {} b) {{\n  return {}(combine(a.x, b.x), combine(a.y, b.y), combine(a.z, b.z), "
          "combine(a.w, b.w));\n}}\n",
          type, type, type, type);
    }
    Surroundings around = surroundings("v");
    around.anchor_is_quad = kernel_.wide;
    BodyPrinter printer(kernel_.result, around);
    const std::string results = printer.statements(1);
    hooks_ += fmt::format("\nvoid finish(int i0, {} folded) {{\n", type);
    hooks_ += kernel_.wide_length
                  ? fmt::format(
                        "  {} anchor = combine(combine(folded.x, folded.y), combine(folded.z, folded.w));\n",
                        scalar_type)
                  : fmt::format("  {} anchor = folded;\n", type);
    hooks_ += results + stores(printer, kernel_.wide) + "}\n";
    skeleton_ = shader_text("reduce.comp");
    return (invocations + local_size - 1) / local_size;
  }

  // The two hooks of one factor: what does not vary with the inner axis is computed once, by prepare, and
  // kept.
  void factor(char side, const Body& body, int outer_axis, bool along_inner) {
    const std::string outer = side == 'a' ? "row" : "column";
    BodyPrinter printer(body, surroundings(fmt::format("{}_", side), [=](int axis) -> std::string {
                          if (axis == 0) return "int(batch)";
                          if (axis == outer_axis)
                            return along_inner ? fmt::format("int({})", outer)
                                               : fmt::format("int({} / 4u)", outer);
                          if (axis == 3) return along_inner ? "int(k / 4u)" : "int(k)";
                          return axis_name(axis);
                        }));
    const std::uint64_t inner_bits =
        std::uint64_t{1} << 3 | (along_inner ? std::uint64_t{1} << component_axis : 0);
    const auto kept = [&](int value) {
      const Scalar& scalar = body.values[static_cast<std::size_t>(value)];
      return scalar.kind != Scalar::Kind::constant && (scalar.varies & inner_bits) == 0;
    };
    std::string arrays, prepare = printer.statements(1, kept);
    for (const int value : body.order) {
      if (!kept(value)) continue;
      const std::string array = fmt::format("{}_kept_{}", side, value);
      const DType dtype = body.values[static_cast<std::size_t>(value)].dtype;
      arrays += fmt::format("{} {}[{}_SLOTS];\n", type_name(dtype, printer.is_quad_value(value)), array,
                            side == 'a' ? 'A' : 'B');
      prepare += fmt::format("  {}[slot] = {};\n", array, printer.whole(value));
      printer.rename(value, array + "[slot]");
    }
    const int result = body.results[0];
    const std::string load = printer.statements(1, [&](int value) { return !kept(value); });
    hooks_ += fmt::format("{}void prepare_{}(uint slot, uint batch, uint {}) {{\n{}}}\n\n", arrays, side,
                          outer, prepare);
    hooks_ += fmt::format(
        "vec4 load_{}(uint slot, uint batch, uint {}, uint {}) {{\n{}  return vec4({});\n}}\n\n", side,
        side == 'a' ? "row" : "k", side == 'a' ? "k" : "column", load, printer.whole(result));
  }

  std::uint64_t matmul() {
    const MatmulSizes sizes = sizes_of(kernel_);
    TileLimits limits = target_.tile_limits;
    limits.unit = target_.matrix_units.of(kernel_.factor_dtype);
    const MatmulFamily family = limits.unit.rows > 0 ? MatmulFamily::cooperative : target_.matmul;
    const MatmulTiles tiles = tiles_ ? *tiles_
                              : target_.tiles && target_.tiles->family == family
                                  ? *target_.tiles
                                  : choose_tiles(family, sizes, limits);
    define("M", sizes.rows);
    define("N", sizes.columns);
    define("K", sizes.inner);
    define("BATCHES", sizes.batches);
    define("A_ALONG_K", std::string(sizes.a_along_k ? "1" : "0"));
    define("B_ALONG_K", std::string(sizes.b_along_k ? "1" : "0"));
    define("A_SLOTS", a_slots(tiles));
    define("B_SLOTS", b_slots(tiles, sizes));
    if (tiles.family == MatmulFamily::shuffle) {
      extensions_ = "#extension GL_KHR_shader_subgroup_shuffle : require\n";
      define("ROWS", tiles.rows);
      define("COLUMNS", tiles.columns);
      skeleton_ = shader_text("matmul_shuffle.comp");
    } else {
      define("TILE_M", tiles.rows);
      define("TILE_N", tiles.columns);
      define("TILE_K", tiles.depth);
    }
    if (tiles.family == MatmulFamily::cooperative) {
      const MatrixForm form = target_.matrix_units.form;
      extensions_ = matrix_extensions(form, kernel_.factor_dtype);
      define("KHR", std::string(form == MatrixForm::khr ? "1" : "0"));
      define("BF16", std::string(kernel_.factor_dtype == DType::bf16 ? "1" : "0"));
      define("UNIT_M", tiles.unit.rows);
      define("UNIT_N", tiles.unit.columns);
      define("UNIT_K", tiles.unit.depth);
      define("LANES", tiles.lanes);
      skeleton_ = shader_text("matmul_cooperative.comp");
    } else if (tiles.family == MatmulFamily::tiled) {
      define("THREAD_M", tiles.thread_rows);
      define("THREAD_N", tiles.thread_columns);
      skeleton_ = shader_text("matmul_tiled.comp");
    }
    factor('a', kernel_.left, 1, kernel_.left_along_inner);
    factor('b', kernel_.right, 2, kernel_.right_along_inner);

    Surroundings around = surroundings("v", [](int axis) -> std::string {
      switch (axis) {
        case 0:
          return "int(batch)";
        case 1:
          return "int(row)";
        case 2:
          return "int(column / 4u)";
        default:
          return axis_name(axis);
      }
    });
    around.anchor_is_quad = true;
    BodyPrinter printer(kernel_.result, around);
    const std::string results = printer.statements(1);
    std::function<std::string(int)> guard;
    if (kernel_.columns % quad != 0) {
      guard = [](int c) { return fmt::format("column + {}u < N", c); };
    }
    hooks_ += "void store(uint batch, uint row, uint column, vec4 anchor) {\n" + results +
              stores(printer, true, guard) + "}\n";
    return vulkan::workgroups(tiles, sizes);
  }

  // The author's body in the map skeleton, with the names that CustomKernel promises in scope.
  std::uint64_t custom() {
    const CustomCall& call = kernel_.custom;
    const auto invocations = static_cast<std::uint64_t>(call.invocations);
    const std::uint32_t local_size = local_size_for(invocations, target_);
    define("ITEMS", invocations);
    define("LOCAL_SIZE", local_size);
    std::string names;
    for (std::size_t k = 0; k < call.operands.size(); ++k) {
      const std::string number = fmt::format("{}", k);
      names += fmt::format("#define load{} {}\n", number, memory_.read(static_cast<int>(k), false));
      names += fmt::format("#define T{} {}\n", number, type_name(call.operands[k].dtype, false));
      names += constants(number, call.operands[k].shape);
    }
    names += constants("", call.result.shape);
    names += fmt::format("#define T {}\n", type_name(call.result.dtype, false));
    const std::vector<std::int64_t> integers =
        call.integers.empty() ? std::vector<std::int64_t>{0} : call.integers;
    names += fmt::format("const float number = {};\n", literal(call.number, DType::f32));
    names += fmt::format("const int integers[] = int[]({});\n", fmt::join(integers, ", "));
    names += fmt::format("void store(int i, {} value) {{\n", type_name(call.result.dtype, false));
    for (const Store& store : kernel_.stores) {
      names += fmt::format("  {}(i, value);\n", memory_.write(store.slot, store.dtype, false));
    }
    names += "}\n";
    hooks_ = fmt::format("{}{}void compute(int invocation) {{\n{}}}\n#line 1 3\n", names,
                         text_of(*call.op, "glsl_functions", call.op->glsl_functions, 1),
                         text_of(*call.op, "kernel's body", call.op->kernel->body, 2));
    skeleton_ = shader_text("map.comp");
    return (invocations + local_size - 1) / local_size;
  }

  static std::string constants(const std::string& number, const Shape& shape) {
    const std::string sizes =
        shape.rank() == 0 ? "1" : fmt::format("{}", fmt::join(shape.begin(), shape.end(), ", "));
    return fmt::format("const int count{0} = {1};\nconst int shape{0}[] = int[]({2});\n", number,
                       shape.count(), sizes);
  }

  const Kernel& kernel_;
  const Target& target_;
  const std::optional<MatmulTiles>& tiles_;
  MemoryHooks memory_;
  std::string extensions_, defines_, hooks_, skeleton_;
};

}  // namespace

MatmulSizes sizes_of(const Kernel& kernel) {
  return {static_cast<std::uint64_t>(kernel.rows),
          static_cast<std::uint64_t>(kernel.columns),
          static_cast<std::uint64_t>(kernel.inner),
          static_cast<std::uint64_t>(kernel.matrices),
          kernel.left_along_inner,
          kernel.right_along_inner};
}

EmittedKernel emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
                   const std::optional<MatmulTiles>& tiles) {
  return Emitter(kernel, slots, target, tiles).run();
}

}  // namespace hekla::vulkan
