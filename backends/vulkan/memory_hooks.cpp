// Memory hooks. On older llvmpipe a storage texel buffer is the cheapest way to read (a uniform one costs a
// call of a function around which all registers are saved), on GPUs a storage buffer; see
// docs/performance.md. Bytes and booleans are unpacked here, so that the rest of a kernel does not know of
// them.
#include "backends/vulkan/memory_hooks.h"

#include <fmt/format.h>

#include "backends/vulkan/glsl.h"

namespace hekla::vulkan {

namespace {

/// The type of an element in memory: booleans are words.
DType stored_as(DType dtype) { return dtype == DType::boolean ? DType::u32 : dtype; }

// How the texels of a slot are declared: words, or four of them. Bytes are read as words.
struct Texels {
  VkFormat format;
  const char* layout;
  const char* type_prefix;
};

Texels texels_of(DType dtype, bool in_quads) {
  switch (stored_as(dtype)) {
    case DType::f32:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_SFLOAT, "rgba32f", ""}
                      : Texels{VK_FORMAT_R32_SFLOAT, "r32f", ""};
    case DType::i32:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_SINT, "rgba32i", "i"}
                      : Texels{VK_FORMAT_R32_SINT, "r32i", "i"};
    case DType::u8:
      return {VK_FORMAT_R32_UINT, "r32ui", "u"};
    default:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_UINT, "rgba32ui", "u"}
                      : Texels{VK_FORMAT_R32_UINT, "r32ui", "u"};
  }
}

}  // namespace

std::string MemoryHooks::known(int slot, bool quads, bool written) const {
  for (const Use& use : uses_) {
    if (use.slot == slot && use.quads == quads && use.written == written) return use.function;
  }
  return {};
}

// The function that reads element or quad i, where `word` gives the place of a word or quad in memory as it
// lies there.
void MemoryHooks::declare_reader(const Use& use, DType dtype,
                                 const std::function<std::string(const char*)>& word) {
  const std::string type = type_name(dtype, use.quads);
  std::string element = fmt::format("{}({})", type, word("i"));
  if (dtype == DType::u8 && use.quads)
    element = fmt::format("uvec4({}) >> uvec4(0u, 8u, 16u, 24u) & 255u", word("i"));
  if (dtype == DType::u8 && !use.quads) element = fmt::format("{} >> 8 * (i % 4) & 255u", word("i / 4"));
  declarations_ += fmt::format("{} {}(int i) {{ return {}; }}\n", type, use.function, element);
}

void MemoryHooks::declare_texel_read(const Use& use, DType dtype) {
  const std::size_t binding = bindings_.size();
  const Texels texels = texels_of(dtype, use.quads);
  declarations_ +=
      fmt::format("layout(set = 0, binding = {0}, {1}) uniform readonly {2}imageBuffer texels{0};\n", binding,
                  texels.layout, texels.type_prefix);
  const bool one = !use.quads || dtype == DType::u8;
  declare_reader(use, dtype, [&](const char* at) {
    return fmt::format("imageLoad(texels{}, {}){}", binding, at, one ? ".x" : "");
  });
  bindings_.push_back({use.slot, BindingKind::texel_buffer, texels.format});
}

void MemoryHooks::declare_buffer_read(const Use& use, DType dtype) {
  const std::size_t binding = bindings_.size();
  const std::string element = dtype == DType::u8 ? "uint" : type_name(stored_as(dtype), use.quads);
  declarations_ +=
      fmt::format("layout(set = 0, binding = {0}, std430) readonly buffer Read{0} {{ {1} read{0}[]; }};\n",
                  binding, element);
  declare_reader(use, dtype, [&](const char* at) { return fmt::format("read{}[{}]", binding, at); });
  bindings_.push_back({use.slot, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED});
}

std::string MemoryHooks::read(int operand, bool quads) {
  const int slot = kernel_.operands[static_cast<std::size_t>(operand)];
  if (std::string function = known(slot, quads, false); !function.empty()) return function;
  const Slot& memory = slots_[static_cast<std::size_t>(slot)];
  const Use use{slot, quads, false, fmt::format("load{}_{}", quads ? "4" : "", operand)};
  const bool by_fours = quads || memory.dtype == DType::u8;
  const std::int64_t texels = by_fours ? (memory.count + quad - 1) / quad : memory.count;
  if (target_.texel_reads && texels <= target_.most_texels) {
    declare_texel_read(use, memory.dtype);
  } else {
    declare_buffer_read(use, memory.dtype);
  }
  uses_.push_back(use);
  return use.function;
}

std::string MemoryHooks::write(int slot, DType dtype, bool quads) {
  if (std::string function = known(slot, quads, true); !function.empty()) return function;
  const std::size_t binding = bindings_.size();
  const Use use{slot, quads, true, fmt::format("save{}_{}", quads ? "4" : "", binding)};
  const bool bytes = dtype == DType::u8;
  const std::string element = bytes ? "uint" : type_name(stored_as(dtype), quads);
  const std::string value =
      bytes ? "value.x | value.y << 8 | value.z << 16 | value.w << 24" : fmt::format("{}(value)", element);
  declarations_ += fmt::format(
      "layout(set = 0, binding = {0}, std430) writeonly buffer Written{0} {{ {1} written{0}[]; }};\n",
      binding, element);
  declarations_ += fmt::format("void {}(int i, {} value) {{ written{}[i] = {}; }}\n", use.function,
                               type_name(dtype, quads), binding, value);
  bindings_.push_back({slot, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED});
  uses_.push_back(use);
  return use.function;
}

}  // namespace hekla::vulkan
