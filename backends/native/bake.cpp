// Baking for the processor: plans as the source of a class that needs nothing but a compiler.
#include "backends/bake.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backends/common/baked_class.h"
#include "backends/native/emit.h"
#include "backends/native/profile.h"
#include "graph/error.h"
#include "shaders/shaders.h"

namespace hekla {

namespace {

using namespace native;
using backend::BakedClass;
using backend::BakedVariant;

Profile profile_for(BakedWidth width) {
  Profile profile = profile_of_processor();
  if (width == BakedWidth::portable) profile.target = {.vector_bytes = 16, .registers = 16};
  profile.compiler.narrowest_tile = profile.target.vector_bytes / 4;
  return profile;
}

class ProcessorBaker {
 public:
  ProcessorBaker(const std::string& name, const std::vector<BakedFunction>& functions,
                 const BakeFormat& format)
      : profile_(profile_for(format.width)),
        baked_(name, functions,
               {.planning = {.device = profile_.compiler}, .alignment = 64, .beyond_end = 4096}) {
    std::int64_t scratch_bytes = 0;
    for (const BakedVariant& one : baked_.variants()) {
      kernels_.emplace_back();
      for (const Kernel& kernel : one.plan.kernels)
        scratch_bytes = std::max(scratch_bytes, add_kernel(one, kernel));
    }
    baked_.place(scratch_bytes);
    in_file_ = baked_.weights().size() > format.most_inline_bytes;
  }

  BakedSource run() const {
    return {.header = header(),
            .source = source(),
            .weights = in_file_ ? baked_.weights() : std::vector<std::byte>{}};
  }

 private:
  struct BakedKernel {
    std::size_t number;  // of its text
    Function function;
  };

  // Returns how many bytes of scratch memory it needs.
  std::int64_t add_kernel(const BakedVariant& one, const Kernel& kernel) {
    if (const auto* call = std::get_if<CustomCall>(&kernel.form)) {
      throw Error(
          fmt::format("[bake] '{}' computes '{}', a custom kernel, which has no C++; sorting, and adding to "
                      "rows of a large table, are such kernels.",
                      one.function->name, call->op->name));
    }
    int text_number = 1;
    Function function = emit(kernel, one.plan.slots, profile_.target, text_number);
    const auto [found, is_new] = numbers_.try_emplace(function.code.text(), numbers_.size());
    if (is_new) texts_.push_back(&found->first);
    kernels_.back().push_back({found->second, std::move(function)});
    return kernels_.back().back().function.scratch_bytes;
  }

  std::string header() const {
    const std::string& name = baked_.name();
    const std::string constructor =
        in_file_
            ? fmt::format(
                  "  /// `weights` is the content of the file {}.weights, {} bytes, aligned to 64; it is "
                  "read as long as the object lives.\n"
                  "  explicit Network(const void* weights);\n",
                  name, baked_.weights().size())
            : "  Network();\n";
    return baked_.header(
        {.introduction =
             fmt::format("// {0}: computations baked by hekla, as C++17. Nothing else is needed:\n"
                         "//   c++ -O2 -std=c++17 -c {0}.cpp\n",
                         name),
         .of_object = fmt::format(
             "/// An object is used by one thread at a time; several objects are independent. It holds {} "
             "bytes and allocates\n/// nothing, so it belongs on the heap or into static memory rather than "
             "onto a stack.\n",
             baked_.memory_bytes()),
         .includes = "",
         .constructors = constructor,
         .members =
             fmt::format("  const unsigned char* weights_;\n  alignas(64) unsigned char memory_[{}];\n",
                         baked_.memory_bytes())});
  }

  std::string pointer_to(const BakedVariant& one, int slot) const {
    const BakedClass::Place place = baked_.place_of(one, one.plan.slots[static_cast<std::size_t>(slot)]);
    return fmt::format("{} + {}", place.in_weights ? "const_cast<unsigned char*>(weights_)" : "memory_",
                       place.offset);
  }

  std::string body(const BakedVariant& one, const std::vector<BakedKernel>& kernels) const {
    std::string text =
        "  const FlushDenormals flush;\n  int iterations[8] = {};\n  static_cast<void>(iterations);\n";
    text += fmt::format(
        "  char* const scratch = reinterpret_cast<char*>(memory_ + {});\n  static_cast<void>(scratch);\n",
        baked_.scratch());
    for (std::size_t i = 0; i < one.inputs.size(); ++i)
      text += fmt::format("  std::memcpy(memory_ + {}, {}, {});\n", one.inputs[i], baked_.input_name(one, i),
                          backend::bytes_of(one.variant->inputs[i].tensor));
    for (std::size_t k = 0; k < kernels.size(); ++k) {
      for (const Repeated& loop : one.plan.loops) {
        if (loop.first == k)
          text += fmt::format("  for (iterations[{0}] = 0; iterations[{0}] < {1}; ++iterations[{0}]) {{\n",
                              loop.depth, loop.count);
      }
      std::vector<std::string> pointers;
      for (const int slot : kernels[k].function.slots) pointers.push_back(pointer_to(one, slot));
      const Kernel& kernel = one.plan.kernels[k];
      text += fmt::format(
          "  {{\n    void* const m[] = {{{}}};\n    hekla_kernels::k{}::run(m, iterations, 0, {}, scratch);  "
          "// {}\n  }}\n",
          fmt::join(pointers, ", "), kernels[k].number, kernels[k].function.units,
          backend::in_comment(kernel.label));
      for (auto loop = one.plan.loops.rbegin(); loop != one.plan.loops.rend(); ++loop) {
        if (loop->end == k + 1) text += "  }\n";
      }
    }
    for (std::size_t i = 0; i < one.outputs.size(); ++i)
      text += fmt::format("  std::memcpy({}, memory_ + {}, {});\n", baked_.output_name(one, i),
                          one.outputs[i], backend::bytes_of(one.variant->computation.outputs[i]));
    return text;
  }

  // Options of compilers: what gives hekla's numbers, and no warnings about generated functions, which have parameters
  // in common and constants where others have variables.
  static std::string pragmas() {
    std::string text =
        "#if defined(__GNUC__) && !defined(__clang__)\n"
        "#pragma GCC optimize(\"O3\", \"fp-contract=off\", \"no-math-errno\", \"no-trapping-math\", "
        "\"wrapv\")\n"
        "#elif defined(__clang__)\n#pragma clang fp contract(off)\n#endif\n";
    text += "#if defined(__GNUC__)\n";
    for (const char* warning :
         {"unused-parameter", "unused-variable", "unused-function", "parentheses", "unknown-pragmas"})
      text += fmt::format("#pragma GCC diagnostic ignored \"-W{}\"\n", warning);
    return text +
           "#endif\n#if defined(__clang__)\n#pragma clang diagnostic ignored \"-Wpass-failed\"\n"
           "#pragma clang diagnostic ignored \"-Wbitwise-op-parentheses\"\n#endif\n\n";
  }

  std::string source() const {
    const std::string& name = baked_.name();
    std::string text =
        fmt::format("// Baked by hekla; see {0}.h.\n#include \"{0}.h\"\n\n#include <cstring>\n\n", name);
    text += pragmas();
    text += fmt::format("#define HK_BAKED 1\n#define HK_VECTOR_BYTES {}\n", profile_.target.vector_bytes);
    text += shader_text("native_prelude.inc");
    text += shader_text("native_matmul.inc");
    for (std::size_t k = 0; k < texts_.size(); ++k)
      text +=
          fmt::format("namespace hekla_kernels {{ namespace k{} {{\n{}}} }}\n", k, without_lines(*texts_[k]));
    text += fmt::format("\nnamespace {} {{\n\nnamespace {{\n\n", name);
    text += shader_text("native_denormals.inc");
    if (!in_file_) text += baked_.constants();
    text += "\n}  // namespace\n\n";
    text += constructor();
    for (std::size_t v = 0; v < kernels_.size(); ++v) {
      const BakedVariant& one = baked_.variants()[v];
      text += fmt::format("void Network::{}({}) {{\n{}}}\n\n", one.name, baked_.parameters_of_one(one),
                          body(one, kernels_[v]));
    }
    return text + baked_.dispatchers() + fmt::format("}}  // namespace {}\n", name);
  }

  std::string constructor() const {
    std::string text = in_file_
                           ? "Network::Network(const void* weights) : weights_(static_cast<const unsigned "
                             "char*>(weights)), memory_() {\n"
                           : "Network::Network() : weights_(reinterpret_cast<const unsigned "
                             "char*>(constants)), memory_() {\n";
    for (const BakedClass::State& state : baked_.states())
      text += fmt::format("  std::memcpy(memory_ + {}, weights_ + {}, {});\n", state.offset, state.in_weights,
                          state.bytes);
    text += "}\n\n";
    if (baked_.states().empty()) return text;
    return text +
           "void Network::save_state(void* bytes) const { std::memcpy(bytes, memory_, state_bytes); }\n"
           "void Network::load_state(const void* bytes) { std::memcpy(memory_, bytes, state_bytes); }\n\n";
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

  Profile profile_;
  BakedClass baked_;
  bool in_file_ = false;
  std::vector<std::vector<BakedKernel>> kernels_;  // of each variant
  std::map<std::string, std::size_t> numbers_;     // of kernels, by their text
  std::vector<const std::string*> texts_;
};

}  // namespace

BakedSource bake_for_processor(const std::string& name, const std::vector<BakedFunction>& functions,
                               const BakeFormat& format) {
  return ProcessorBaker(name, functions, format).run();
}

}  // namespace hekla
