// Emitting maps and reductions.
#include "backends/native/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "backends/common/pattern.h"
#include "backends/native/cplusplus.h"
#include "backends/native/emitter.h"
#include "backends/native/nest.h"

namespace hekla::native {

namespace {

constexpr std::string_view arguments =
    "void* const* m, const int* iterations, long first, long last, char* scratch";

// The functions of operations' authors, each once.
Code library_of(const Kernel& kernel, int& text_number) {
  std::vector<std::string_view> printed;
  Code code = cplusplus();
  const auto add = [&](const Op& op) {
    backend::check_glsl(op);
    if (op.glsl_functions.empty() || std::ranges::find(printed, op.glsl_functions) != printed.end()) return;
    printed.push_back(op.glsl_functions);
    code.add_text_of(op, "glsl_functions", cplusplus_of(op.glsl_functions), text_number++);
  };
  for (const Body* body : kernel.bodies()) {
    for (const Scalar& scalar : body->values) {
      if (scalar.op != nullptr) add(*scalar.op);
    }
  }
  if (const auto* reduce = std::get_if<ReduceKernel>(&kernel.form)) add(*reduce->fold);
  return code;
}

// How many of `count` pieces of `operations` each make a unit: few, so that threads get equal shares, but all of them
// where other threads are not worth waking.
std::int64_t pieces_of_unit(std::int64_t count, double operations) {
  constexpr double operations_of_unit = 1024;
  const std::int64_t all = std::max<std::int64_t>(count, 1);
  if (static_cast<double>(count) * operations < operations_worth_sharing) return all;
  const double pieces = operations_of_unit / std::max(operations, 1.0);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(pieces), 1, all);
}

// A value takes a few operations even where none are counted: a load, a store, integers.
double operations_of(const Body& body) { return 2 + static_cast<double>(body.values.size()); }

double loop_operations(const Body& body) {
  return operations_of(body) * (1 + static_cast<double>(body.iterations()));
}

}  // namespace

Function Emitter::run(int& text_number) {
  std::visit([this](const auto& form) { emit(form); }, kernel_.form);
  Function function{.label = kernel_.label,
                    .code = cplusplus(),
                    .slots = memory_.slots(),
                    .units = units_,
                    .scratch_bytes = scratch_bytes_};
  function.code += "namespace {\n";
  Code library = library_of(kernel_, text_number);
  const bool has_texts = !library.empty();
  function.code += library;
  if (has_texts) function.code.begin_text(text_number++);
  for (const auto& [head, body] : functions_) {
    function.code += head + " {\n" + memory_.declarations();
    function.code += body;
    function.code += "}\n\n";
  }
  function.code += "}\n";
  return function;
}

void Emitter::define(const std::string& head, const Code& body) { functions_.emplace_back(head, body); }

std::vector<Store> Emitter::stores_of(int part) const {
  std::vector<Store> stores;
  for (const Store& store : kernel_.stores) {
    if (store.part == part) stores.push_back(store);
  }
  return stores;
}

std::string Emitter::stores(const BodyPrinter& printer, std::span<const Store> stores, int depth) {
  std::string text;
  for (const Store& store : stores)
    text +=
        indent(depth) + memory_.store(store, printer.index(store.index), printer.value(store.value)) + "\n";
  return text;
}

// Defines the function that computes units of a part; returns how many there are.
std::int64_t Emitter::compute(const std::string& name, const MapPart& part, int number) {
  constexpr int item = MapPart::item_axis;
  std::vector<Store> stores = stores_of(number);
  Body body = part.body;
  Code code = cplusplus();
  std::int64_t loops = part.items, vector_extent = 1;
  int vector_axis = item;
  if (part.row > 1) {
    vector_axis = MapPart::element_axis;
    vector_extent = part.row;
  } else {
    std::vector<Index> indices = indices_of(body);
    for (const Store& store : stores) indices.push_back(store.index);
    const std::int64_t inner = inner_extent(indices, item, part.items);
    if (inner < part.items) {
      nest(body, item, part.items, inner);
      for (Store& store : stores) store.index = nested(store.index, item, part.items, inner);
      loops = part.items / inner;
      vector_extent = inner;
      vector_axis = inner_axis;
    }
  }
  const int loop_axis = vector_axis == inner_axis ? outer_axis : item;
  const std::int64_t each = pieces_of_unit(loops, loop_operations(body) * static_cast<double>(vector_extent));
  BodyPrinter printer(body, memory_);
  const auto varies = [&](int value) {
    return (body.values[static_cast<std::size_t>(value)].varies & bit(vector_axis)) != 0;
  };
  const std::string begin = fmt::format("first * {}", each),
                    end = fmt::format("min(last * {}, {}l)", each, loops);
  if (vector_axis == item) {
    code += fmt::format("  const long begin = {}, end = {};\n", begin, end);
    code += printer.statements(1, [&](int value) { return !varies(value); });
    if (!printer.has_loops(varies)) code += "HK_SIMD\n";
    code += fmt::format("  for (long {0} = begin; {0} < end; ++{0}) {{\n", axis_name(item));
    code += printer.statements(2, varies);
    code += this->stores(printer, stores, 2) + "  }\n";
  } else {
    code += fmt::format("  const long end = {1};\n  for (long {0} = {2}; {0} < end; ++{0}) {{\n",
                        axis_name(loop_axis), end, begin);
    code += printer.statements(2, [&](int value) { return !varies(value); });
    const std::vector<std::int64_t> ends = divisions(body, vector_axis, vector_extent);
    for (std::size_t p = 1; p < ends.size(); ++p) {
      const Body part = part_of(body, vector_axis, ends[p - 1], ends[p]);
      std::vector<Store> part_stores = stores;
      for (Store& store : part_stores)
        store.index = shifted(store.index, vector_axis, ends[p] - ends[p - 1], ends[p - 1]);
      BodyPrinter part_printer(part, memory_);
      if (!part_printer.has_loops(varies)) code += "HK_SIMD\n";
      code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0}) {{\n", axis_name(vector_axis),
                          ends[p] - ends[p - 1]);
      code += part_printer.statements(3, varies);
      code += this->stores(part_printer, part_stores, 3) + "    }\n";
    }
    code += "  }\n";
  }
  define(fmt::format("__attribute__((flatten)) void {}({})", name, arguments), code);
  return ceil_divide(loops, each);
}

void Emitter::emit(const MapKernel& map) {
  if (map.parts.size() == 1) {
    units_ = compute("run", map.parts[0], 0);
    return;
  }
  Code choice = cplusplus();
  for (std::size_t p = 0; p < map.parts.size(); ++p) {
    const std::string name = fmt::format("part_{}", p);
    const std::int64_t start = units_;
    units_ += compute(name, map.parts[p], static_cast<int>(p));
    choice += fmt::format(
        "  if (first < {1} && last > {0}) {2}(m, iterations, max(first - {0}, 0l), "
        "min(last, {1}l) - {0}, scratch);\n",
        start, units_, name);
  }
  define(fmt::format("void run({})", arguments), choice);
}

void Emitter::emit(const ReduceKernel& reduce) {
  using Axes = ReduceKernel;
  // Side by side along the axis in which more loads are contiguous.
  int along = 0, across = 0;
  for (const Scalar& scalar : reduce.element.values) {
    if (scalar.kind != Scalar::Kind::load) continue;
    std::int64_t coefficient = 0;
    along += scalar.index.linear_in(Axes::folded_axis, coefficient) && coefficient == 1 ? 1 : 0;
    across += scalar.index.linear_in(Axes::item_axis, coefficient) && coefficient == 1 ? 1 : 0;
  }
  const bool has_loops = reduce.element.iterations() > 0;
  if (!has_loops && across > along && reduce.items >= fold_lanes)
    reduce_across(reduce);
  else
    reduce_along(reduce);
}

void Emitter::reduce_along(const ReduceKernel& reduce) {
  using Axes = ReduceKernel;
  BodyPrinter element(reduce.element, memory_, {.prefix = "e"});
  BodyPrinter result(reduce.result, memory_);
  const auto varies = [&](int value) {
    return (reduce.element.values[static_cast<std::size_t>(value)].varies & bit(Axes::folded_axis)) != 0;
  };
  const double operations = operations_of(reduce.element) * static_cast<double>(reduce.length);
  const std::int64_t each = pieces_of_unit(reduce.items, operations);
  Code code = cplusplus();
  code += fmt::format(
      "  const long end = min(last * {1}, {2}l);\n  for (long {0} = first * {1}; {0} < end; ++{0}) {{\n",
      axis_name(Axes::item_axis), each, reduce.items);
  code += element.statements(2, [&](int value) { return !varies(value); });
  code += fold("anchor", *reduce.fold, reduce.dtype, Axes::folded_axis, reduce.length,
               element.has_loops(varies), 2, [&](Code& inside, int depth) {
                 inside += element.statements(depth, varies);
                 return element.value(reduce.element.results[0]);
               });
  code += result.statements(2);
  code += stores(result, stores_of(0), 2) + "  }\n";
  define(fmt::format("__attribute__((flatten)) void run({})", arguments), code);
  units_ = ceil_divide(reduce.items, each);
}

// Many items side by side, each folded in order.
void Emitter::reduce_across(const ReduceKernel& reduce) {
  using Axes = ReduceKernel;
  constexpr std::int64_t lanes = 4 * fold_lanes;
  Body body = reduce.element;
  const std::vector<Index> indices = indices_of(body);
  const std::int64_t inner = inner_extent(indices, Axes::folded_axis, reduce.length);
  const bool is_nested = inner < reduce.length;
  if (is_nested) nest(body, Axes::folded_axis, reduce.length, inner);
  BodyPrinter element(body, memory_, {.prefix = "e"});
  BodyPrinter result(reduce.result, memory_);
  const std::string type = type_name(reduce.dtype), item = axis_name(Axes::item_axis);
  Code code = cplusplus();
  code += fmt::format(
      "  for (long unit = first; unit < last; ++unit) {{\n"
      "    const long begin = unit * {0}, count = min({0}l, {1} - begin);\n"
      "    {2} lanes[{0}];\n"
      "    for (long lane = 0; lane < {0}; ++lane) lanes[lane] = {3};\n",
      lanes, reduce.items, type, literal(*reduce.fold->identity, reduce.dtype));
  if (is_nested) {
    code +=
        fmt::format("    for (long {0} = 0; {0} < {1}; ++{0})\n    for (long {2} = 0; {2} < {3}; ++{2}) {{\n",
                    axis_name(outer_axis), reduce.length / inner, axis_name(inner_axis), inner);
  } else {
    code += fmt::format("    for (long {0} = 0; {0} < {1}; ++{0}) {{\n", axis_name(Axes::folded_axis),
                        reduce.length);
  }
  code += "HK_SIMD\n";
  code += fmt::format(
      "      for (long lane = 0; lane < count; ++lane) {{\n        const long {} = begin + lane;\n", item);
  code += element.statements(4);
  code.add_expression(
      fmt::format("        lanes[lane] = {};",
                  applied(*reduce.fold, {"lanes[lane]", element.value(body.results[0])}, reduce.dtype)),
      *reduce.fold);
  code += fmt::format(
      "      }}\n    }}\n    for (long lane = 0; lane < count; ++lane) {{\n"
      "      const long {} = begin + lane;\n      const {} anchor = lanes[lane];\n",
      item, type);
  code += result.statements(3);
  code += stores(result, stores_of(0), 3) + "    }\n  }\n";
  define(fmt::format("__attribute__((flatten)) void run({})", arguments), code);
  units_ = ceil_divide(reduce.items, lanes);
}

void Emitter::emit(const CustomCall&) {
  throw std::logic_error("[emit] a custom kernel has no C++: the executable calls its reference function");
}

Function emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target, int& text_number) {
  Kernel changed = kernel;
  for (Body* body : changed.bodies()) drop_clamps(*body);
  return Emitter(changed, slots, target).run(text_number);
}

}  // namespace hekla::native
