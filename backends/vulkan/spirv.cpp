#include "backends/vulkan/spirv.h"

#include <map>

#include "graph/error.h"

namespace hekla::vulkan {

namespace {

// Numbers of the SPIR-V specification, section 3.
namespace op {
constexpr std::uint32_t source_continued = 2, source = 3, source_extension = 4, name = 5, member_name = 6,
                        string = 7, line = 8, execution_mode = 16, capability = 17, type_bool = 20,
                        type_int = 21, type_float = 22, type_vector = 23, type_array = 28, type_struct = 30,
                        type_pointer = 32, constant = 43, variable = 59, no_line = 317,
                        module_processed = 330;
}
constexpr std::uint32_t mode_local_size = 17, storage_workgroup = 4;
constexpr std::size_t header_words = 5;

// Calls `visit(op, words of the instruction)` for each.
template <class Visit>
void for_each_instruction(std::span<const std::uint32_t> module, const Visit& visit) {
  for (std::size_t at = header_words; at < module.size();) {
    const std::size_t length = module[at] >> 16;
    if (length == 0 || length > module.size() - at) throw Error("[spirv] an instruction without end.");
    visit(module[at] & 0xffff, module.subspan(at, length));
    at += length;
  }
}

}  // namespace

SpirvNeeds needs_of(std::span<const std::uint32_t> module) {
  SpirvNeeds needs;
  std::map<std::uint32_t, std::uint32_t> bytes, constants, pointees;  // of ids
  for_each_instruction(module, [&](std::uint32_t code, std::span<const std::uint32_t> words) {
    switch (code) {
      case op::capability:
        needs.capabilities.insert(words[1]);
        break;
      case op::execution_mode:
        if (words[2] != mode_local_size) break;
        needs.size_x = words[3];
        needs.invocations = words[3] * words[4] * words[5];
        break;
      case op::type_bool:
        bytes[words[1]] = 4;
        break;
      case op::type_int:
      case op::type_float:
        bytes[words[1]] = words[2] / 8;
        break;
      case op::type_vector:
        bytes[words[1]] = bytes[words[2]] * words[3];
        break;
      case op::type_array:
        bytes[words[1]] = bytes[words[2]] * constants[words[3]];
        break;
      case op::type_struct:
        for (const std::uint32_t member : words.subspan(2)) bytes[words[1]] += bytes[member];
        break;
      case op::type_pointer:
        pointees[words[1]] = words[3];
        break;
      case op::constant:
        constants[words[2]] = words[3];
        break;
      case op::variable:
        if (words[3] == storage_workgroup) needs.shared_bytes += bytes[pointees[words[1]]];
        break;
      default:
        break;
    }
  });
  return needs;
}

std::vector<std::uint32_t> without_names(std::span<const std::uint32_t> module) {
  std::vector<std::uint32_t> result(module.begin(), module.begin() + header_words);
  for_each_instruction(module, [&](std::uint32_t code, std::span<const std::uint32_t> words) {
    switch (code) {
      case op::source_continued:
      case op::source:
      case op::source_extension:
      case op::name:
      case op::member_name:
      case op::string:
      case op::line:
      case op::no_line:
      case op::module_processed:
        return;
      default:
        result.insert(result.end(), words.begin(), words.end());
    }
  });
  return result;
}

}  // namespace hekla::vulkan
