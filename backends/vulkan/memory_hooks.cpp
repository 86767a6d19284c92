// Memory hooks. On llvmpipe a texel buffer is the cheapest way to read, on GPUs a storage buffer (see
// docs/performance.md); bytes and booleans are unpacked here, so that the rest of a kernel does not know of
// them.
#include "backends/vulkan/memory_hooks.h"

#include <fmt/format.h>

#include "backends/vulkan/glsl.h"

namespace hekla::vulkan {

namespace {

/// The type of an element in memory: booleans are words.
DType stored_as(DType dtype) { return dtype == DType::boolean ? DType::u32 : dtype; }

VkFormat texel_format(DType dtype, bool quads) {
  switch (stored_as(dtype)) {
    case DType::f32:
      return quads ? VK_FORMAT_R32G32B32A32_SFLOAT : VK_FORMAT_R32_SFLOAT;
    case DType::i32:
      return quads ? VK_FORMAT_R32G32B32A32_SINT : VK_FORMAT_R32_SINT;
    case DType::u8:
      return quads ? VK_FORMAT_R8G8B8A8_UINT : VK_FORMAT_R8_UINT;
    default:
      return quads ? VK_FORMAT_R32G32B32A32_UINT : VK_FORMAT_R32_UINT;
  }
}

const char* sampler_prefix(DType dtype) {
  switch (stored_as(dtype)) {
    case DType::f32:
      return "";
    case DType::i32:
      return "i";
    default:
      return "u";
  }
}

}  // namespace

std::string MemoryHooks::known(int slot, bool quads, bool written) const {
  for (const Use& use : uses_) {
    if (use.slot == slot && use.quads == quads && use.written == written) return use.function;
  }
  return {};
}

void MemoryHooks::declare_texel_read(const Use& use, DType dtype) {
  const std::size_t binding = bindings_.size();
  const std::string type = type_name(dtype, use.quads);
  const char* last = use.quads ? "" : ".x";
  const std::string fetched = fmt::format("texelFetch(texels{}, i){}", binding, last);
  declarations_ += fmt::format("layout(set = 0, binding = {0}) uniform {1}samplerBuffer texels{0};\n",
                               binding, sampler_prefix(dtype));
  declarations_ += fmt::format("{} {}(int i) {{ return {}({}); }}\n", type, use.function, type, fetched);
  bindings_.push_back({use.slot, BindingKind::texel_buffer, texel_format(dtype, use.quads)});
}

void MemoryHooks::declare_buffer_read(const Use& use, DType dtype) {
  const std::size_t binding = bindings_.size();
  const std::string type = type_name(dtype, use.quads);
  const bool bytes = dtype == DType::u8;
  const std::string element = bytes ? "uint" : type_name(stored_as(dtype), use.quads);
  declarations_ +=
      fmt::format("layout(set = 0, binding = {0}, std430) readonly buffer Read{0} {{ {1} read{0}[]; }};\n",
                  binding, element);
  if (!bytes) {
    declarations_ +=
        fmt::format("{} {}(int i) {{ return {}(read{}[i]); }}\n", type, use.function, type, binding);
  } else if (use.quads) {
    declarations_ +=
        fmt::format("uvec4 {}(int i) {{ return uvec4(read{}[i]) >> uvec4(0u, 8u, 16u, 24u) & 255u; }}\n",
                    use.function, binding);
  } else {
    declarations_ += fmt::format("uint {}(int i) {{ return read{}[i / 4] >> 8 * (i % 4) & 255u; }}\n",
                                 use.function, binding);
  }
  bindings_.push_back({use.slot, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED});
}

std::string MemoryHooks::read(int operand, bool quads) {
  const int slot = kernel_.operands[static_cast<std::size_t>(operand)];
  if (std::string function = known(slot, quads, false); !function.empty()) return function;
  const Slot& memory = slots_[static_cast<std::size_t>(slot)];
  const Use use{slot, quads, false, fmt::format("load{}_{}", quads ? "4" : "", operand)};
  const std::int64_t texels = quads ? (memory.count + quad - 1) / quad : memory.count;
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
