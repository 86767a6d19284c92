// The emitter: kernels to compute shaders. The skeletons in shaders/ document the contracts of the hooks.
#include "backends/vulkan/emit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "backends/vulkan/emitter.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

std::uint32_t local_size_for(std::uint64_t invocations, const Target& target) {
  // Small kernels get smaller workgroups, so that all compute units have work. The size is a multiple of the subgroup
  // size, because idle lanes cost as much as busy ones.
  const std::uint64_t subgroup = std::max(8u, target.subgroup_size);
  const std::uint64_t share = (invocations + target.compute_units - 1) / target.compute_units;
  const std::uint64_t whole = std::max<std::uint64_t>(1, (share + subgroup - 1) / subgroup) * subgroup;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, target.local_size));
}

std::string constants(const std::string& number, const Shape& shape) {
  const std::string sizes =
      shape.rank() == 0 ? "1" : fmt::format("{}", fmt::join(shape.begin(), shape.end(), ", "));
  return fmt::format("const int count{0} = {1};\nconst int shape{0}[] = int[]({2});\n", number, shape.count(),
                     sizes);
}

}  // namespace

std::string axis_name(int axis) { return fmt::format("i{}", axis); }

std::string head_of(const std::string& extensions, const Target& target, int loops) {
  // SPIR-V 20 is the decoration Aliased; 4466 and 4461 are SignedZeroInfNanPreserve. Without the latter a
  // driver may turn x < low ? low : x into a maximum, which loses NaN.
  return fmt::format(
      "#version 460\n"
      "#extension GL_EXT_control_flow_attributes : require\n"
      "#extension GL_KHR_shader_subgroup_basic : require\n"
      "#extension GL_EXT_spirv_intrinsics : require\n"
      "{}{}{}"
      "#define aliased spirv_decorate(20)\n"
      "{}"
      "\n{}{}",
      extensions,
      target.octet_stores ? "#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require\n"
                            "#extension GL_EXT_scalar_block_layout : require\n"
                          : "",
      target.keep_nan ? "spirv_execution_mode(extensions = [\"SPV_KHR_float_controls\"], capabilities = "
                        "[4466], 4461, 32);\n"
                      : "",
      // A zero that the driver cannot constant-fold: dispatches have z size 1, which is unknown at compile
      // time.
      target.hide_zeros ? "#define hk_zero uintBitsToFloat(gl_WorkGroupID.z)\n" : "",
      target.own_special_values ? shader_text("special_values.glsl") : std::string_view(),
      // The numbers of the present iterations, that of the outermost loop first.
      loops > 0 ? "layout(push_constant) uniform Iterations { ivec4 hk_iterations; };\n\n" : "");
}

Code library_of(std::span<const Kernel> kernels) {
  std::vector<const Body*> bodies;
  for (const Kernel& kernel : kernels) {
    for (const Body* body : kernel.bodies()) bodies.push_back(body);
  }
  return library_functions(bodies);
}

std::string one_group_each(std::uint32_t local_size) {
  return fmt::format(
      "\nlayout(local_size_x = {}) in;\n\n"
      "void main() {{\n  run(gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x);\n}}\n",
      local_size);
}

KernelText Emitter::run() {
  std::visit([this](const auto& form) { emit(form); }, kernel_.form);
  Code code;
  code += definitions_.text + "\n" + memory_.functions() + "\n";
  code += hooks_;
  code += "\n" + skeleton_;
  return {definitions_.extensions, code.with_prefix(prefix_), groups_, local_size_};
}

void Emitter::group(std::uint64_t invocations, std::uint32_t local_size) {
  groups_ = (invocations + local_size - 1) / local_size;
  local_size_ = local_size;
}

Surroundings Emitter::surroundings(std::string prefix, std::function<std::string(int)> axes) {
  return {.prefix = std::move(prefix),
          .axis_name = std::move(axes),
          .load = [this](int operand, bool quads) { return memory_.read(operand, quads); },
          .anchor = "anchor",
          .hide_zeros = target_.hide_zeros,
          .invocation_axes = invocation_axes_,
          .max_unrolled = target_.max_unrolled};
}

// The stored value as a quad; a single number when its components are equal.
std::string Emitter::quad_of(const BodyPrinter& printer, const Store& store) {
  const std::string value = printer.whole(store.value);
  return printer.is_quad_value(store.value) ? value
                                            : fmt::format("{}({})", type_name(store.dtype, true), value);
}

// The store statements of the result body or of one part of a map.
std::string Emitter::stores(const BodyPrinter& printer, bool wide,
                            const std::function<std::string(int)>& guard, int part, std::string_view indent) {
  std::string text;
  for (const Store& store : kernel_.stores) {
    if (store.part != part) continue;
    Index quads;
    const bool in_quads = wide && !guard && is_quad(store.index, quads);
    if (in_quads || is_packed(store.dtype)) {
      text += fmt::format("{}{}({}, {});\n", indent, memory_.write(store.slot, store.dtype, true),
                          printer.index(quads, 0), quad_of(printer, store));
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

// Quads per invocation: more than one only where they are contiguous. A short program spends most of its time
// on loads and stores, so this amortises its overhead; a longer program would only take longer to compile.
int Emitter::quads_of_invocation(const MapPart& part, int number) const {
  constexpr std::size_t few_values = 48, very_few_values = 12;
  if (!target_.several_quads || !part.wide || part.row != 1 || part.items % 2 != 0) return 1;
  if (part.body.values.size() > few_values || part.body.iterations() > 0) return 1;
  const bool side_by_side =
      std::all_of(kernel_.stores.begin(), kernel_.stores.end(), [&](const Store& store) {
        Index quads;
        return store.part != number || (!is_packed(store.dtype) && is_quad(store.index, quads) &&
                                        quads == Index::axis(MapPart::item_axis, part.items));
      });
  if (!side_by_side) return 1;
  // Only large maps use more quads, because all compute units should still have enough invocations.
  const bool is_large = part.items >= std::int64_t{target_.busy_invocations} * target_.compute_units;
  return is_large && part.items % 4 == 0 && part.body.values.size() <= very_few_values ? 4 : 2;
}

// Emits the function that computes and stores the items of a part; returns the number of invocations it needs.
std::uint64_t Emitter::compute(const std::string& name, const MapPart& part, int number) {
  const auto count = static_cast<std::uint64_t>(part.items);
  hooks_ += fmt::format("void {}(int i0) {{\n", name);
  if (const int quads = quads_of_invocation(part, number); quads > 1) {
    std::vector<BodyPrinter> printers;
    for (int q = 0; q < quads; ++q) {
      const std::string place = fmt::format("({} * i0 + {})", quads, q);
      printers.emplace_back(part.body, surroundings(std::string(1, "abcd"[q]), [=](int) { return place; }));
      hooks_ += printers.back().statements(1);
    }
    const int at_once = target_.octet_stores ? 2 : 1;
    for (const Store& store : kernel_.stores) {
      if (store.part != number) continue;
      const std::string write = target_.octet_stores ? memory_.write_octet(store.slot, store.dtype, false)
                                                     : memory_.write(store.slot, store.dtype, true);
      for (int q = 0; q < quads; q += at_once) {
        std::string values;
        for (int k = q; k < q + at_once; ++k)
          values += ", " + quad_of(printers[static_cast<std::size_t>(k)], store);
        hooks_ += fmt::format("  {}({} * i0 + {}{});\n", write, quads, q, values);
      }
    }
    hooks_ += "}\n\n";
    return count / static_cast<std::uint64_t>(quads);
  }
  BodyPrinter printer(part.body, surroundings("v"));
  if (part.row == 1) {
    hooks_ += printer.statements(1);
    hooks_ += stores(printer, part.wide, {}, number);
  } else {
    const auto varies = [&](int value) {
      return (part.body.values[static_cast<std::size_t>(value)].varies >> MapPart::element_axis & 1) != 0;
    };
    const std::string axis = axis_name(MapPart::element_axis);
    hooks_ += printer.statements(1, [&](int value) { return !varies(value); });
    hooks_ += fmt::format("  {}\n", loop_over(axis, part.row, target_.max_unrolled));
    hooks_ += printer.statements(2, varies);
    hooks_ += stores(printer, part.wide, {}, number, "    ") + "  }\n";
  }
  hooks_ += "}\n\n";
  return count;
}

void Emitter::emit(const MapKernel& map) {
  std::uint64_t items = 0;
  if (map.parts.size() == 1) {
    items = compute("$compute", map.parts[0], 0);
  } else {
    std::string choice;
    for (std::size_t p = 0; p < map.parts.size(); ++p) {
      const std::string name = fmt::format("$compute_{}", p);
      const std::uint64_t start = items;
      items += compute(name, map.parts[p], static_cast<int>(p));
      choice +=
          p == 0 ? fmt::format("  if (item < {}) {}(item);\n", items, name)
                 : fmt::format("  if (item >= {} && item < {}) {}(item - {});\n", start, items, name, start);
    }
    hooks_ += fmt::format("void $compute(int item) {{\n{}}}\n", choice);
  }
  const auto quads = static_cast<std::uint32_t>(quads_of_invocation(map.parts[0], 0));
  const std::uint32_t local_size = std::min(local_size_for(items, target_), target_.max_group_quads / quads);
  definitions_.define("ITEMS", items);
  definitions_.define("LOCAL_SIZE", local_size);
  skeleton_ = shader_text("map.comp");
  group(items, local_size);
}

// Invocations that fold (reduce) one item together: as many as keep the device busy, as long as each has
// several elements to load at once.
std::uint32_t Emitter::fold_lanes(const ReduceKernel& reduce, std::uint64_t length) const {
  if (target_.reduce_lanes == 1) return 1;
  const auto items = static_cast<std::uint64_t>(reduce.items);
  const std::uint64_t at_once = reduce.element.iterations() > 0 ? 1 : 4;
  // Coalesced reads: neighbouring lanes read one cache line together.
  const std::uint64_t least = std::min<std::uint64_t>(reduce.wide ? 1 : 8, std::bit_floor(length));
  const std::uint64_t most = std::max(least, std::bit_floor(length / at_once));
  const std::uint64_t busy = std::uint64_t{target_.busy_invocations} * target_.compute_units;
  const std::uint64_t wanted = std::bit_ceil((busy + items - 1) / items);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::clamp(wanted, least, most), target_.reduce_lanes));
}

void Emitter::emit(const ReduceKernel& reduce) {
  const bool quads = reduce.wide || reduce.wide_length;
  const std::int64_t length = reduce.wide_length ? reduce.length / quad : reduce.length;
  const std::string type = type_name(reduce.dtype, quads);
  const std::string scalar_type = type_name(reduce.dtype, false);
  const std::uint32_t lanes = fold_lanes(reduce, static_cast<std::uint64_t>(length));
  const std::uint64_t invocations = static_cast<std::uint64_t>(reduce.items) * lanes;
  const bool shuffle = lanes > 1 && target_.fold_subgroup > 1 && !reduce.wide;
  const std::uint32_t local_size = std::max(
      {lanes, std::bit_ceil(local_size_for(invocations, target_)), shuffle ? target_.fold_subgroup : 1});
  if (shuffle) definitions_.extensions = "#extension GL_KHR_shader_subgroup_shuffle_relative : require\n";
  definitions_.define("SUBGROUP_SHUFFLE", std::string(shuffle ? "1" : "0"));
  definitions_.define("ITEMS", static_cast<std::uint64_t>(reduce.items));
  definitions_.define("LENGTH", static_cast<std::uint64_t>(length));
  definitions_.define("LANES", std::to_string(lanes));
  definitions_.define("ACROSS", std::string(reduce.wide ? "1" : "0"));
  // Unrolling by four saves a short program much loop overhead; a longer one would only take longer to
  // compile.
  constexpr std::size_t few_values = 16;
  const bool is_short = reduce.element.values.size() <= few_values && reduce.element.iterations() == 0;
  definitions_.define("FOUR_A_TURN", std::string(is_short && length % (4 * lanes) == 0 ? "1" : "0"));
  definitions_.define("LOCAL_SIZE", local_size);
  definitions_.define("ELEMENT", type);
  definitions_.define("START", fmt::format("{}({})", type, literal(*reduce.fold->identity, reduce.dtype)));

  BodyPrinter element(reduce.element, surroundings("e"));
  hooks_ += fmt::format("{} $element(int i0, int i1) {{\n", type);
  hooks_ += element.statements(1);
  hooks_ += fmt::format("  return {}({});\n}}\n\n", type, element.whole(reduce.element.results[0]));
  hooks_ += fmt::format("{} $combine({} a, {} b) {{\n", scalar_type, scalar_type, scalar_type);
  hooks_.add_expression(fmt::format("  return {};", substitute(reduce.fold->glsl, {"a", "b"}, scalar_type)),
                        *reduce.fold);
  hooks_ += "}\n";
  if (quads) {
    hooks_ += fmt::format(
        "{} $combine({} a, {} b) {{\n  return {}($combine(a.x, b.x), $combine(a.y, b.y), $combine(a.z, b.z), "
        "$combine(a.w, b.w));\n}}\n",
        type, type, type, type);
  }
  Surroundings around = surroundings("v");
  around.anchor_is_quad = reduce.wide;
  BodyPrinter printer(reduce.result, around);
  const Code results = printer.statements(1);
  hooks_ += fmt::format("\nvoid $finish(int i0, {} folded) {{\n", type);
  hooks_ += reduce.wide_length
                ? fmt::format(
                      "  {} anchor = $combine($combine(folded.x, folded.y), $combine(folded.z, folded.w));\n",
                      scalar_type)
                : fmt::format("  {} anchor = folded;\n", type);
  hooks_ += results;
  hooks_ += stores(printer, reduce.wide) + "}\n";
  skeleton_ = shader_text("reduce.comp");
  group(invocations, local_size);
}

// Custom kernels: the author's body in the map skeleton, with the names that CustomKernel promises in scope.
void Emitter::emit(const CustomCall& call) {
  check_glsl(*call.op);
  const auto invocations = static_cast<std::uint64_t>(call.invocations);
  const std::uint32_t local_size = local_size_for(invocations, target_);
  definitions_.define("ITEMS", invocations);
  definitions_.define("LOCAL_SIZE", local_size);
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
  // What is not finite is made of bits, which is no constant expression in GLSL.
  names += fmt::format("{}float number = {};\n", std::isfinite(call.number) ? "const " : "",
                       literal(call.number, DType::f32));
  names += fmt::format("const int integers[] = int[]({});\n", fmt::join(integers, ", "));
  names += fmt::format("void store(int i, {} value) {{\n", type_name(call.result.dtype, false));
  for (const Store& store : kernel_.stores) {
    names += fmt::format("  {}(i, value);\n", memory_.write(store.slot, store.dtype, false));
  }
  names += "}\n";
  hooks_ += names;
  hooks_.add_text_of(*call.op, "glsl_functions", call.op->glsl_functions, 1);
  hooks_ += "void $compute(int invocation) {\n";
  hooks_.add_text_of(*call.op, "kernel's body", call.op->kernel->body, 2);
  hooks_ += "}\n";
  hooks_.begin_text(3);
  skeleton_ = shader_text("map.comp");
  group(invocations, local_size);
}

EmittedKernel emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
                   const std::optional<MatmulTiles>& tiles) {
  ShaderInterface interface;
  const KernelText text = Emitter(kernel, slots, target, tiles, interface).run();
  Code code;
  code += head_of(text.extensions, target, kernel.loops) + interface.declarations() + "\n";
  code += library_of({&kernel, 1});
  code += text.code;
  code += one_group_each(text.local_size);
  return {kernel.label, code.text(), interface.bindings(), text.groups, 1, code.map(), kernel.loops};
}

}  // namespace hekla::vulkan
