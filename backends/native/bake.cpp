// Baking: plans as the source of a class.
#include "backends/bake.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "backends/native/emit.h"
#include "backends/native/profile.h"
#include "graph/compiler/graph.h"
#include "graph/elements.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"
#include "graph/run/value.h"
#include "shaders/shaders.h"

namespace hekla {

namespace {

using namespace native;

constexpr std::int64_t alignment = 64;
// What a tile of a product may read beyond the end of a matrix.
constexpr std::int64_t beyond_end = 4096;

std::int64_t aligned(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

void check_name(const std::string& name) {
  const bool is_name =
      !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!is_name)
    throw Error(fmt::format("[bake] '{}' is no name in C++; it takes letters, digits and '_'.", name));
}

// The C++ type of an element outside of the class.
std::string outer_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "float";
    case DType::i32:
      return "std::int32_t";
    case DType::u32:
    case DType::boolean:
      return "std::uint32_t";
    case DType::u8:
      return "std::uint8_t";
    case DType::f16:
    case DType::bf16:
      return "std::uint16_t";
  }
  return "?";
}

// Bytes in a row, each piece aligned.
class Layout {
 public:
  std::int64_t add(std::int64_t bytes) {
    const std::int64_t offset = end_;
    end_ = aligned(end_ + std::max<std::int64_t>(bytes, 4));
    return offset;
  }
  std::int64_t end() const { return end_; }

 private:
  std::int64_t end_ = 0;
};

// A variant of a function with its plan.
struct PlannedVariant {
  const BakedFunction::Variant* variant;
  compiler::Capture captured;
  Plan plan;
  std::vector<std::string> kernels;  // names of their namespaces
  std::vector<Function> functions;
  std::vector<std::int64_t> input_places;  // in the object's memory
  std::vector<std::int64_t> output_places;
};

class Baker {
 public:
  Baker(std::string name, const std::vector<BakedFunction>& functions, BakedWidth width)
      : name_(std::move(name)), functions_(functions) {
    profile_ = profile_of_processor();
    if (width == BakedWidth::portable) profile_.target = {.vector_bytes = 16, .registers = 16};
    profile_.compiler.narrowest_tile = profile_.target.vector_bytes / 4;
  }

  BakedSource run(std::size_t most_inline_bytes) {
    check_name(name_);
    for (const BakedFunction& function : functions_) plan(function);
    place_leaves();
    weights_.resize(static_cast<std::size_t>(weights_layout_.add(beyond_end) + beyond_end));
    const bool in_file = weights_.size() > most_inline_bytes;
    BakedSource result{.header = header(in_file), .source = source(in_file), .weights = {}};
    if (in_file) result.weights = weights_;
    return result;
  }

 private:
  void plan(const BakedFunction& function) {
    check_name(function.name);
    for (const std::string& name : function.output_names) check_name(name);
    if (function.variants.empty()) throw Error(fmt::format("[bake] '{}' has no variant.", function.name));
    std::vector<PlannedVariant>& planned = planned_.emplace_back();
    for (const BakedFunction::Variant& variant : function.variants) {
      for (const BakedFunction::Input& input : variant.inputs) check_name(input.name);
      PlannedVariant one{.variant = &variant, .captured = compiler::capture(variant.computation), .plan = {}};
      one.plan =
          make_plan(compiler::collect(variant.computation, one.captured), {.device = profile_.compiler});
      for (const Kernel& kernel : one.plan.kernels) {
        if (const auto* call = std::get_if<CustomCall>(&kernel.form)) {
          throw Error(fmt::format(
              "[bake] '{}' computes '{}', a custom kernel, which has no C++; sorting, and adding to "
              "rows of a large table, are such kernels.",
              function.name, call->op->name));
        }
        int text_number = 1;
        one.functions.push_back(emit(kernel, one.plan.slots, profile_.target, text_number));
        const auto [found, is_new] = kernels_.try_emplace(one.functions.back().code.text(), kernels_.size());
        if (is_new) kernel_texts_.push_back(&found->first);
        one.kernels.push_back(fmt::format("k{}", found->second));
        scratch_bytes_ = std::max(scratch_bytes_, one.functions.back().scratch_bytes);
      }
      arena_bytes_ = std::max(arena_bytes_, one.plan.arena_bytes);
      for (const Update& update : variant.computation.updates) state_.insert(update.variable.get());
      planned.push_back(std::move(one));
    }
    check_variants(function);
  }

  static std::int64_t examples(const BakedFunction::Variant& variant) {
    return variant.inputs[0].tensor.size(0);
  }

  static void check_variants(const BakedFunction& function) {
    if (function.variants.size() == 1) return;
    const auto row_of = [&](const Tensor& x, std::int64_t count) {
      if (x.rank() == 0 || x.size(0) != count)
        throw Error(fmt::format("[bake] '{}' has variants, but {} has no axis of {} examples in front.",
                                function.name, describe(x), count));
      return std::vector<std::int64_t>(x.shape().begin() + 1, x.shape().end());
    };
    for (const BakedFunction::Variant& variant : function.variants) {
      const BakedFunction::Variant& first = function.variants[0];
      if (variant.inputs.empty() || variant.inputs.size() != first.inputs.size() ||
          variant.computation.outputs.size() != first.computation.outputs.size())
        throw Error(
            fmt::format("[bake] the variants of '{}' differ in their inputs or outputs.", function.name));
      const auto same = [&](const Tensor& a, const Tensor& b) {
        if (a.dtype() == b.dtype() && row_of(a, examples(variant)) == row_of(b, examples(first))) return;
        throw Error(
            fmt::format("[bake] variants of '{}' have {} and {}; only the number of examples may differ.",
                        function.name, describe(a), describe(b)));
      };
      for (std::size_t i = 0; i < variant.inputs.size(); ++i)
        same(variant.inputs[i].tensor, first.inputs[i].tensor);
      for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
        same(variant.computation.outputs[i], first.computation.outputs[i]);
    }
  }

  // Decides where everything lies: constants in weights_, variables that change and working memory in the object.
  void place_leaves() {
    for (std::vector<PlannedVariant>& variants : planned_) {
      for (PlannedVariant& one : variants) {
        for (const Node* leaf : one.captured.leaves) place_leaf(one, *leaf);
      }
    }
    state_bytes_ = memory_.end();
    arena_ = memory_.add(arena_bytes_ + beyond_end);
    scratch_ = memory_.add(scratch_bytes_ + beyond_end);
    Layout first = memory_, longest = memory_;
    for (std::vector<PlannedVariant>& variants : planned_) {
      for (PlannedVariant& one : variants) {
        Layout own = first;  // one function runs at a time
        for (const BakedFunction::Input& input : one.variant->inputs)
          one.input_places.push_back(own.add(bytes_of(input.tensor)));
        for (const Tensor& output : one.variant->computation.outputs)
          one.output_places.push_back(own.add(bytes_of(output)));
        own.add(beyond_end);
        if (own.end() > longest.end()) longest = own;
      }
    }
    memory_ = longest;
  }

  static std::int64_t bytes_of(const Tensor& x) {
    return x.count() * static_cast<std::int64_t>(size_of(x.dtype()));
  }

  void place_leaf(const PlannedVariant& one, const Node& leaf) {
    const bool is_input = std::ranges::any_of(
        one.variant->inputs, [&](const BakedFunction::Input& input) { return input.tensor.get() == &leaf; });
    if (is_input || places_.contains(&leaf)) return;
    if (!leaf.value) {
      throw Error(fmt::format("[bake] the input '{}' is not among the inputs that were named.", leaf.label));
    }
    const std::vector<std::byte> bytes = to_bytes(leaf.value->to_host(leaf), leaf.dtype);
    Place place{.is_state = state_.contains(&leaf),
                .offset = 0,
                .in_weights = weights_layout_.add(static_cast<std::int64_t>(bytes.size()))};
    weights_.resize(static_cast<std::size_t>(weights_layout_.end()));
    std::ranges::copy(bytes, weights_.begin() + place.in_weights);
    if (place.is_state) {
      place.offset = memory_.add(static_cast<std::int64_t>(bytes.size()));
      states_.push_back(
          {place.offset, place.in_weights, static_cast<std::int64_t>(bytes.size()), leaf.label});
    }
    places_.emplace(&leaf, place);
  }

  std::string output_name(const BakedFunction& function, std::size_t number) const {
    if (number < function.output_names.size()) return function.output_names[number];
    return number == 0 ? "output" : fmt::format("output_{}", number);
  }

  // "float* predictions" for all inputs and outputs, and "std::size_t count" where that may vary.
  std::string parameters(const BakedFunction& function) const {
    std::string text;
    const BakedFunction::Variant& variant = function.variants[0];
    const auto add = [&](const std::string& one) { text += (text.empty() ? "" : ", ") + one; };
    for (const BakedFunction::Input& input : variant.inputs)
      add(fmt::format("const {}* {}", outer_type(input.tensor.dtype()), input.name));
    for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
      add(fmt::format("{}* {}", outer_type(variant.computation.outputs[i].dtype()),
                      output_name(function, i)));
    if (function.variants.size() > 1) add("std::size_t count");
    return text;
  }

  std::string header(bool in_file) const {
    std::string text = fmt::format(
        "// {0}: computations baked by hekla, as C++17. Nothing else is needed:\n"
        "//   c++ -O2 -std=c++17 -c {0}.cpp\n"
        "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n\nnamespace {0} {{\n\n"
        "/// An object is used by one thread at a time; several objects are independent. It holds {1} bytes "
        "and allocates\n"
        "/// nothing, so it belongs on the heap or into static memory rather than onto a stack.\nclass "
        "Network {{\n public:\n",
        name_, memory_.end() + beyond_end);
    if (in_file)
      text += fmt::format(
          "  /// `weights` is the content of the file {}.weights, {} bytes, aligned to 64; it is read as "
          "long as the object lives.\n"
          "  explicit Network(const void* weights);\n",
          name_, weights_.size());
    else
      text += "  Network();\n";
    for (const BakedFunction& function : functions_) {
      const BakedFunction::Variant& variant = function.variants[0];
      text += "\n";
      const auto describe_one = [&](const std::string& name, const Tensor& x) {
        std::string shape = to_string(x.shape());
        if (function.variants.size() > 1)
          shape = fmt::format("[count{}", shape.substr(std::min(shape.find(','), shape.size() - 1)));
        text += fmt::format("  ///   {}  {}{}\n", name, hekla::name(x.dtype()), shape);
      };
      for (const BakedFunction::Input& input : variant.inputs) describe_one(input.name, input.tensor);
      for (std::size_t i = 0; i < variant.computation.outputs.size(); ++i)
        describe_one(output_name(function, i), variant.computation.outputs[i]);
      text += fmt::format("  void {}({});\n", function.name, parameters(function));
    }
    if (!states_.empty()) {
      text += fmt::format(
          "\n  /// The variables that change, as bytes: copied out and in again, they continue elsewhere.\n"
          "  static constexpr std::size_t state_bytes = {};\n  unsigned char* state() {{ return memory_; "
          "}}\n",
          state_bytes_);
      text += "  //   from byte   to          variable\n";
      for (const State& state : states_)
        text +=
            fmt::format("  //   {:<11} {:<11} {}\n", state.offset, state.offset + state.bytes, state.label);
    }
    text += "\n private:\n";
    for (std::size_t f = 0; f < functions_.size(); ++f) {
      if (functions_[f].variants.size() == 1) continue;
      for (std::size_t v = 0; v < functions_[f].variants.size(); ++v)
        text += fmt::format("  void {}_{}({});\n", functions_[f].name, examples(functions_[f].variants[v]),
                            one_call(functions_[f]));
    }
    text += fmt::format(
        "  const unsigned char* weights_;\n  alignas(64) unsigned char memory_[{}];\n}};\n\n}}  // namespace "
        "{}\n",
        memory_.end() + beyond_end, name_);
    return text;
  }

  // The parameters without the count.
  std::string one_call(const BakedFunction& function) const {
    BakedFunction single = function;
    single.variants.resize(1);
    return parameters(single);
  }

  std::string place_of(const PlannedVariant& one, const Slot& slot) const {
    if (slot.place == Slot::Place::arena) return fmt::format("memory_ + {}", arena_ + slot.offset);
    const auto number = static_cast<std::size_t>(slot.number);
    if (slot.place == Slot::Place::output) return fmt::format("memory_ + {}", one.output_places[number]);
    const Node* leaf = one.captured.leaves[number];
    for (std::size_t i = 0; i < one.variant->inputs.size(); ++i) {
      if (one.variant->inputs[i].tensor.get() == leaf)
        return fmt::format("memory_ + {}", one.input_places[i]);
    }
    const Place& place = places_.at(leaf);
    return place.is_state ? fmt::format("memory_ + {}", place.offset)
                          : fmt::format("const_cast<unsigned char*>(weights_) + {}", place.in_weights);
  }

  std::string body(const BakedFunction& function, const PlannedVariant& one) const {
    std::string text =
        "  const FlushDenormals flush;\n  int iterations[8] = {};\n  static_cast<void>(iterations);\n";
    text += fmt::format(
        "  char* const scratch = reinterpret_cast<char*>(memory_ + {});\n  static_cast<void>(scratch);\n",
        scratch_);
    for (std::size_t i = 0; i < one.variant->inputs.size(); ++i)
      text += fmt::format("  std::memcpy(memory_ + {}, {}, {});\n", one.input_places[i],
                          one.variant->inputs[i].name, bytes_of(one.variant->inputs[i].tensor));
    for (std::size_t k = 0; k < one.plan.kernels.size(); ++k) {
      for (const Repeated& loop : one.plan.loops) {
        if (loop.first == k)
          text += fmt::format("  for (iterations[{0}] = 0; iterations[{0}] < {1}; ++iterations[{0}]) {{\n",
                              loop.depth, loop.count);
      }
      const Function& kernel = one.functions[k];
      std::string pointers;
      for (const int slot : kernel.slots)
        pointers +=
            (pointers.empty() ? "" : ", ") + place_of(one, one.plan.slots[static_cast<std::size_t>(slot)]);
      text += fmt::format(
          "  {{\n    void* const m[] = {{{}}};\n    hekla_kernels::{}::run(m, iterations, 0, {}, scratch);  "
          "// {}\n  }}\n",
          pointers, one.kernels[k], kernel.units, printable(kernel.label));
      for (auto loop = one.plan.loops.rbegin(); loop != one.plan.loops.rend(); ++loop) {
        if (loop->end == k + 1) text += "  }\n";
      }
    }
    for (std::size_t i = 0; i < one.output_places.size(); ++i)
      text += fmt::format("  std::memcpy({}, memory_ + {}, {});\n", output_name(function, i),
                          one.output_places[i], bytes_of(one.variant->computation.outputs[i]));
    return text;
  }

  // A label in a comment: one line.
  static std::string printable(std::string label) {
    std::ranges::replace_if(
        label, [](unsigned char c) { return c < ' ' || c == '\\'; }, ' ');
    return label;
  }

  std::string source(bool in_file) const {
    std::string text =
        fmt::format("// Baked by hekla; see {0}.h.\n#include \"{0}.h\"\n\n#include <cstring>\n\n", name_);
    text +=
        "#if defined(__GNUC__) && !defined(__clang__)\n"
        "#pragma GCC optimize(\"O3\", \"fp-contract=off\", \"no-math-errno\", \"no-trapping-math\", "
        "\"wrapv\")\n"
        "#elif defined(__clang__)\n#pragma clang fp contract(off)\n#endif\n";
    // Generated functions have parameters in common, and constants where others have variables.
    text += "#if defined(__GNUC__)\n";
    for (const char* warning :
         {"unused-parameter", "unused-variable", "unused-function", "parentheses", "unknown-pragmas"})
      text += fmt::format("#pragma GCC diagnostic ignored \"-W{}\"\n", warning);
    text +=
        "#endif\n#if defined(__clang__)\n#pragma clang diagnostic ignored \"-Wpass-failed\"\n"
        "#pragma clang diagnostic ignored \"-Wbitwise-op-parentheses\"\n#endif\n\n";
    text += fmt::format("#define HK_BAKED 1\n#define HK_VECTOR_BYTES {}\n", profile_.target.vector_bytes);
    text += shader_text("native_prelude.inc");
    text += shader_text("native_matmul.inc");
    for (std::size_t k = 0; k < kernel_texts_.size(); ++k)
      text += fmt::format("namespace hekla_kernels {{ namespace k{} {{\n{}}} }}\n", k,
                          without_lines(*kernel_texts_[k]));
    text += fmt::format("\nnamespace {} {{\n\nnamespace {{\n\n", name_);
    text += shader_text("native_denormals.inc");
    if (!in_file) text += constants();
    text += "\n}  // namespace\n\n";
    text += in_file ? "Network::Network(const void* weights) : weights_(static_cast<const unsigned "
                      "char*>(weights)), memory_() {\n"
                    : "Network::Network() : weights_(reinterpret_cast<const unsigned char*>(constants)), "
                      "memory_() {\n";
    for (const State& state : states_)
      text += fmt::format("  std::memcpy(memory_ + {}, weights_ + {}, {});\n", state.offset, state.in_weights,
                          state.bytes);
    text += "}\n\n";
    for (std::size_t f = 0; f < functions_.size(); ++f) {
      const BakedFunction& function = functions_[f];
      const bool several = function.variants.size() > 1;
      for (const PlannedVariant& one : planned_[f]) {
        const std::string name =
            several ? fmt::format("{}_{}", function.name, examples(*one.variant)) : function.name;
        text +=
            fmt::format("void Network::{}({}) {{\n{}}}\n\n", name, one_call(function), body(function, one));
      }
      if (several) text += dispatch(function);
    }
    return text + fmt::format("}}  // namespace {}\n", name_);
  }

  // The largest variant as often as it fits, then smaller ones.
  std::string dispatch(const BakedFunction& function) const {
    std::vector<const BakedFunction::Variant*> sorted;
    for (const BakedFunction::Variant& variant : function.variants) sorted.push_back(&variant);
    std::ranges::sort(sorted, [](const auto* a, const auto* b) { return examples(*a) > examples(*b); });
    if (examples(*sorted.back()) != 1)
      throw Error(fmt::format("[bake] '{}' needs a variant for one example to take any number of them.",
                              function.name));
    std::string text = fmt::format("void Network::{}({}) {{\n", function.name, parameters(function));
    for (const BakedFunction::Variant* variant : sorted) {
      std::string arguments, advance;
      const auto add = [&](const std::string& name, const Tensor& x) {
        arguments += (arguments.empty() ? "" : ", ") + name;
        advance += fmt::format("    {} += {};\n", name, x.count());
      };
      for (const BakedFunction::Input& input : function.variants[0].inputs) {
        const auto i = static_cast<std::size_t>(&input - function.variants[0].inputs.data());
        add(input.name, variant->inputs[i].tensor);
      }
      for (std::size_t i = 0; i < variant->computation.outputs.size(); ++i)
        add(output_name(function, i), variant->computation.outputs[i]);
      text += fmt::format("  for (; count >= {0}; count -= {0}) {{\n    {1}_{0}({2});\n{3}  }}\n",
                          examples(*variant), function.name, arguments, advance);
    }
    return text + "}\n\n";
  }

  // Kernels are not compiled one by one here: numbers of lines would mislead.
  static std::string without_lines(const std::string& text) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
      const std::string_view line = std::string_view(text).substr(begin, end - begin);
      if (!line.starts_with("#line")) result += line;
      begin = end;
    }
    return result;
  }

  std::string constants() const {
    std::string text = "alignas(64) const std::uint32_t constants[] = {";
    const std::size_t words = weights_.size() / 4;
    for (std::size_t i = 0; i < words; ++i) {
      std::uint32_t word = 0;
      for (std::size_t b = 0; b < 4; ++b) word |= static_cast<std::uint32_t>(weights_[4 * i + b]) << (8 * b);
      text += i % 12 == 0 ? "\n    " : " ";
      text += fmt::format("0x{:x},", word);
    }
    return text + "\n};\n";
  }

  struct Place {
    bool is_state;
    std::int64_t offset;      // in the object
    std::int64_t in_weights;  // its value, or its first one
  };
  struct State {
    std::int64_t offset, in_weights, bytes;
    std::string label;
  };

  std::string name_;
  const std::vector<BakedFunction>& functions_;
  Profile profile_;
  std::vector<std::vector<PlannedVariant>> planned_;  // of each function
  std::map<std::string, std::size_t> kernels_;        // by their text
  std::vector<const std::string*> kernel_texts_;
  std::set<const Node*> state_;
  std::map<const Node*, Place> places_;
  std::vector<State> states_;
  Layout memory_, weights_layout_;
  std::vector<std::byte> weights_;
  std::int64_t arena_bytes_ = 0, scratch_bytes_ = 0, arena_ = 0, scratch_ = 0, state_bytes_ = 0;
};

}  // namespace

BakedSource bake_source(const std::string& name, const std::vector<BakedFunction>& functions,
                        BakedWidth width, std::size_t most_inline_bytes) {
  const RuntimeLock lock;
  return Baker(name, functions, width).run(most_inline_bytes);
}

}  // namespace hekla
