// Memory hooks. On older llvmpipe a storage texel buffer is the cheapest to read; a uniform texel buffer
// costs a function call around which all registers are saved. On GPUs a storage buffer is cheapest; see
// docs/performance.md. Bytes, halves and booleans are unpacked here, so that the rest of a kernel is
// independent of packing.
#include "backends/vulkan/memory_hooks.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/glsl.h"

namespace hekla::vulkan {

namespace {

constexpr int octet = 2 * quad;

/// The dtype of an element in memory: booleans are stored as words.
DType stored_as(DType dtype) { return dtype == DType::boolean ? DType::u32 : dtype; }

bool is_half(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }

/// The GLSL type that one index of a buffer addresses. A packed quad is one word, or two words for halves;
/// single packed elements are read from the same words.
std::string memory_type(DType dtype, bool quads) {
  if (!is_packed(dtype)) return type_name(stored_as(dtype), quads);
  return is_half(dtype) && quads ? "uvec2" : "uint";
}

/// Unpacking of halves: the floats in the two words of a quad, or in the bits of one element.
std::string unpacked_halves(DType dtype, bool quads) {
  if (dtype == DType::f16)
    return quads ? "vec4(unpackHalf2x16(bits.x), unpackHalf2x16(bits.y))" : "unpackHalf2x16(bits).x";
  return quads ? "uintBitsToFloat(uvec4(bits.xx, bits.yy) << uvec4(16u, 0u, 16u, 0u) & 0xffff0000u)"
               : "uintBitsToFloat(bits << 16)";
}

/// Packing of a quad `value` into words; its numbers are exactly representable, so nothing is rounded here.
std::string packed_quad(DType dtype) {
  if (dtype == DType::u8) return "value.x | value.y << 8 | value.z << 16 | value.w << 24";
  if (dtype == DType::f16) return "uvec2(packHalf2x16(value.xy), packHalf2x16(value.zw))";
  return "floatBitsToUint(value.xz) >> 16 | floatBitsToUint(value.yw) & 0xffff0000u";
}

/// The size in bytes of a GLSL type in memory.
std::int64_t bytes_of_type(const std::string& type) {
  if (type == "u64vec4") return 32;
  if (type == "uvec2") return 8;
  return type.ends_with("vec4") ? 16 : 4;
}

// The texel declaration of a slot: one word, or four. Packed elements are read as words.
struct Texels {
  VkFormat format;
  const char* layout;
  const char* type_prefix;
};

Texels texels_of(DType dtype, bool in_quads) {
  if (is_packed(dtype)) return {VK_FORMAT_R32_UINT, "r32ui", "u"};
  switch (stored_as(dtype)) {
    case DType::f32:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_SFLOAT, "rgba32f", ""}
                      : Texels{VK_FORMAT_R32_SFLOAT, "r32f", ""};
    case DType::i32:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_SINT, "rgba32i", "i"}
                      : Texels{VK_FORMAT_R32_SINT, "r32i", "i"};
    default:
      return in_quads ? Texels{VK_FORMAT_R32G32B32A32_UINT, "rgba32ui", "u"}
                      : Texels{VK_FORMAT_R32_UINT, "r32ui", "u"};
  }
}

}  // namespace

ShaderInterface::Bound ShaderInterface::bind(const EmittedBinding& binding, const std::string& type) {
  for (std::size_t k = written_.contains(binding.slot) ? own_ : 0; k < bindings_.size(); ++k) {
    if (bindings_[k] == binding) return {k, types_[k].insert(type).second};
  }
  bindings_.push_back(binding);
  types_.push_back({type});
  return {bindings_.size() - 1, true};
}

std::size_t ShaderInterface::count(BindingKind kind) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(bindings_, [&](const EmittedBinding& binding) { return binding.kind == kind; }));
}

MemoryHooks::MemoryHooks(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
                         ShaderInterface& interface)
    : kernel_(kernel), slots_(slots), target_(target), interface_(interface) {
  if (kernel.arena_as_one) arena_ = stretch_of_arena(kernel, slots);
}

bool MemoryHooks::in_shared_arena(int slot) const {
  return arena_.first >= 0 && slots_[static_cast<std::size_t>(slot)].place == Slot::Place::arena;
}

// The storage buffer binding of a slot.
EmittedBinding MemoryHooks::buffer_of(int slot) const {
  if (in_shared_arena(slot))
    return {arena_.first, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED, arena_.bytes};
  return {slot, BindingKind::storage_buffer, VK_FORMAT_UNDEFINED};
}

// The offset of element `index` of a slot in its binding, in units of `type`.
std::string MemoryHooks::element(const std::string& index, int slot, const std::string& type) const {
  if (!in_shared_arena(slot)) return index;
  const std::int64_t offset =
      slots_[static_cast<std::size_t>(slot)].offset - slots_[static_cast<std::size_t>(arena_.first)].offset;
  return offset == 0 ? index : fmt::format("{} + {}", offset / bytes_of_type(type), index);
}

std::string MemoryHooks::known(int slot, int width, bool written, bool odd) const {
  for (const Use& use : uses_) {
    if (use.slot == slot && use.width == width && use.written == written && use.odd == odd)
      return use.function;
  }
  return {};
}

// Whether the kernel updates a slot in place, writing each element where it read it.
bool MemoryHooks::is_in_place(int slot) const {
  return std::ranges::find(kernel_.operands, slot) != kernel_.operands.end() &&
         std::ranges::any_of(kernel_.stores, [&](const Store& store) { return store.slot == slot; });
}

// Whether the binding of a slot is both read and written.
bool MemoryHooks::is_read_as_written(int slot) const { return is_in_place(slot) || in_shared_arena(slot); }

// The qualifiers of a slot's declarations. Two declarations of one memory must say aliased, else the compiler
// may assume distinct memory.
std::string MemoryHooks::qualifiers(int slot) const {
  if (interface_.written_by_several(slot)) return "coherent aliased ";
  return is_read_as_written(slot) ? "aliased " : "";
}

// One array for a binding that is both read and written. With two arrays, one of them readonly, NVIDIA's
// compiler reorders the store before the load, even if both are declared aliased.
MemoryHooks::Block MemoryHooks::block_of_both(int slot, const std::string& type) {
  const std::size_t binding = bind_written(slot);
  for (const auto& [known_type, block] : blocks_of_both_) {
    if (block.binding == binding && known_type == type) return block;
  }
  const Block block{binding, fmt::format("held{}_{}", binding, blocks_of_both_.size())};
  interface_.declare(
      fmt::format("layout(set = 0, binding = {0}, std430) {1}buffer Block_{2} {{ {3} {2}[]; }};\n", binding,
                  qualifiers(slot), block.array, type));
  blocks_of_both_.push_back({type, block});
  return block;
}

// Declares the function that loads element or quad i. `words` reads memory at an index: a whole quad or
// element, or the words that contain packed elements.
void MemoryHooks::declare_reader(const Use& use, DType dtype,
                                 const std::function<std::string(const char*)>& words) {
  const bool quads = use.width == quad;
  const std::string type = type_name(dtype, quads);
  if (!is_packed(dtype)) {
    functions_ += fmt::format("{0} {1}(int i) {{ return {0}({2}); }}\n", type, use.function, words("i"));
    return;
  }
  const bool half = is_half(dtype);
  const std::string bits = quads  ? words("i")
                           : half ? words("i / 2") + " >> 16 * (i % 2) & 65535u"
                                  : words("i / 4") + " >> 8 * (i % 4) & 255u";
  const std::string unpacked = half    ? unpacked_halves(dtype, quads)
                               : quads ? "uvec4(bits) >> uvec4(0u, 8u, 16u, 24u) & 255u"
                                       : "bits";
  functions_ += fmt::format("{} {}(int i) {{ {} bits = {}; return {}; }}\n", type, use.function,
                            memory_type(dtype, quads), bits, unpacked);
}

void MemoryHooks::declare_texel_read(Use& use, DType dtype) {
  const bool quads = use.width == quad;
  const Texels texels = texels_of(dtype, quads);
  const auto [number, is_new] =
      interface_.bind({use.slot, BindingKind::texel_buffer, texels.format}, texels.layout);
  use.binding = number;
  if (is_new) {
    interface_.declare(
        fmt::format("layout(set = 0, binding = {0}, {1}) uniform {2}readonly {3}imageBuffer texels{0};\n",
                    number, texels.layout, qualifiers(use.slot), texels.type_prefix));
  }
  const bool two_words = is_half(dtype) && quads;
  const bool whole = quads && !is_packed(dtype);
  declare_reader(use, dtype, [&](const char* at) {
    if (two_words)
      return fmt::format("uvec2(imageLoad(texels{0}, 2 * {1}).x, imageLoad(texels{0}, 2 * {1} + 1).x)",
                         use.binding, at);
    return fmt::format("imageLoad(texels{}, {}){}", use.binding, at, whole ? "" : ".x");
  });
}

void MemoryHooks::declare_buffer_read(Use& use, DType dtype) {
  const std::string type = memory_type(dtype, use.width == quad);
  if (is_read_as_written(use.slot)) {
    const Block block = block_of_both(use.slot, type);
    use.binding = block.binding;
    declare_reader(use, dtype, [&](const char* at) {
      return fmt::format("{}[{}]", block.array, element(at, use.slot, type));
    });
    return;
  }
  const auto [number, is_new] = interface_.bind(buffer_of(use.slot), type);
  use.binding = number;
  const std::string array = fmt::format("read{}_{}", number, type);
  if (is_new) {
    interface_.declare(
        fmt::format("layout(set = 0, binding = {0}, std430) {1}readonly buffer Block_{2} {{ {3} {2}[]; }};\n",
                    number, qualifiers(use.slot), array, type));
  }
  declare_reader(use, dtype, [&](const char* at) { return fmt::format("{}[{}]", array, at); });
}

std::string MemoryHooks::read(int operand, bool quads) {
  const int slot = kernel_.operands[static_cast<std::size_t>(operand)];
  const int width = quads ? quad : 1;
  if (std::string function = known(slot, width, false); !function.empty()) return function;
  const Slot& memory = slots_[static_cast<std::size_t>(slot)];
  Use use{slot, width, false, fmt::format("$load{}_{}", quads ? "4" : "", operand)};
  // Texel count: packed elements are counted in words, all others in elements or quads.
  const std::int64_t texels = is_packed(memory.dtype) ? (memory.bytes() + 3) / 4
                              : quads                 ? (memory.count + quad - 1) / quad
                                                      : memory.count;
  const bool has_room = interface_.count(BindingKind::texel_buffer) < target_.max_texel_buffers;
  if (target_.texel_reads && texels <= target_.max_texels && has_room && !in_shared_arena(slot)) {
    declare_texel_read(use, memory.dtype);
  } else {
    declare_buffer_read(use, memory.dtype);
  }
  uses_.push_back(use);
  return use.function;
}

// All blocks of a written slot share one binding.
std::size_t MemoryHooks::bind_written(int slot) { return interface_.bind(buffer_of(slot), "written").number; }

std::string MemoryHooks::write(int slot, DType dtype, bool quads) {
  const int width = quads ? quad : 1;
  if (std::string function = known(slot, width, true); !function.empty()) return function;
  const std::size_t number = uses_.size();
  const Use use{slot, width, true, fmt::format("$save{}_{}", quads ? "4" : "", number), bind_written(slot)};
  const std::string type = memory_type(dtype, quads);
  const std::string value = is_packed(dtype) ? packed_quad(dtype) : fmt::format("{}(value)", type);
  std::string array = fmt::format("written{}_{}", use.binding, number);
  if (in_shared_arena(slot) || (is_in_place(slot) && !target_.texel_reads)) {
    array = block_of_both(slot, type).array;
  } else {
    interface_.declare(fmt::format(
        "layout(set = 0, binding = {0}, std430) {1}writeonly buffer Block_{2} {{ {3} {2}[]; }};\n",
        use.binding, qualifiers(slot), array, type));
  }
  functions_ += fmt::format("void {}(int i, {} value) {{ {}[{}] = {}; }}\n", use.function,
                            type_name(dtype, quads), array, element("i", slot, type), value);
  uses_.push_back(use);
  return use.function;
}

// llvmpipe does not vectorize stores: it stores lane by lane and component by component, and checks mask and
// bounds for each. Eight elements as four words take little longer than four elements.
std::string MemoryHooks::write_octet(int slot, DType dtype, bool odd) {
  if (std::string function = known(slot, octet, true, odd); !function.empty()) return function;
  const std::size_t number = uses_.size();
  const Use use{slot, octet, true, fmt::format("$save8_{}", number), bind_written(slot), odd};
  const std::string block = fmt::format("{}_{}", use.binding, number);
  interface_.declare(
      fmt::format("layout(set = 0, binding = {0}, scalar) {1}writeonly buffer Written{2} {{ {3}u64vec4 "
                  "written{2}[]; }};\n",
                  use.binding, qualifiers(slot), block, odd ? fmt::format("u64vec2 before{}; ", block) : ""));
  functions_ += fmt::format(
      "void {0}(int i, {1} a, {1} b) {{ uvec4 x = {2}(a), y = {2}(b); written{3}[{4}] = "
      "u64vec4(packUint2x32(x.xy), packUint2x32(x.zw), packUint2x32(y.xy), packUint2x32(y.zw)); }}\n",
      use.function, type_name(dtype, true), dtype == DType::f32 ? "floatBitsToUint" : "uvec4", block,
      element("i / 2", slot, "u64vec4"));
  uses_.push_back(use);
  return use.function;
}

}  // namespace hekla::vulkan
