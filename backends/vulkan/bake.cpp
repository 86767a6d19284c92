// Baking for devices: plans as shaders in SPIR-V, with a runtime that needs the Vulkan loader and nothing else.
#include "backends/bake.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "backends/common/baked_class.h"
#include "backends/vulkan/emit_plan.h"
#include "backends/vulkan/evaluator.h"
#include "backends/vulkan/parallel.h"
#include "backends/vulkan/recording.h"
#include "backends/vulkan/spirv.h"
#include "graph/error.h"
#include "shaders/shaders.h"

namespace hekla {

namespace {

using namespace vulkan;
using backend::BakedClass;
using backend::BakedVariant;

// What every device aligns buffers to, at most.
constexpr std::int64_t alignment = 256;

std::shared_ptr<VulkanDevice> device_in_use() {
  const std::shared_ptr<Evaluator> device = default_device();
  auto found = std::dynamic_pointer_cast<VulkanDevice>(device);
  if (!found)
    throw Error(
        fmt::format("[bake] the form `vulkan` for devices like this one, and this is {}, no Vulkan device; "
                    "ask for BakedDevices::any.",
                    device->name()));
  return found;
}

Profile profile_for(VulkanDevice* device) {
  Profile profile = device != nullptr ? device->profile() : profile_of_any_device();
  // Workgroups that wait for each other depend on how many a device runs at once.
  profile.target.persistent = false;
  // The runtime does not enable the extensions of matrix units.
  profile.target.matrix_units = {};
  return profile;
}

class DeviceBaker {
 public:
  DeviceBaker(const std::string& name, const std::vector<BakedFunction>& functions, const BakeFormat& format)
      : device_(format.devices == BakedDevices::like_this ? device_in_use() : nullptr),
        profile_(profile_for(device_.get())),
        baked_(name, functions,
               {.planning = device_ ? device_->planning() : PlanOptions{.device = profile_.compiler},
                .alignment = alignment,
                .beyond_end = alignment}) {
    for (const BakedVariant& one : baked_.variants()) {
      const std::vector<std::optional<MatmulTiles>> tiles =
          device_ ? device_->tiles_for(one.plan)
                  : std::vector<std::optional<MatmulTiles>>(one.plan.kernels.size());
      kernels_.push_back(emit_plan(one.plan, profile_.target, tiles));
    }
    baked_.place(0);
    in_file_ = baked_.weights().size() > format.most_inline_bytes;
    compile_shaders();
  }

  BakedSource run() const {
    return {.header = header(),
            .source = source(),
            .weights = in_file_ ? baked_.weights() : std::vector<std::byte>{}};
  }

 private:
  struct Shader {
    const EmittedKernel* kernel;
    std::vector<std::uint32_t> spirv = {};
  };

  void compile_shaders() {
    for (const std::vector<EmittedKernel>& of_variant : kernels_) {
      for (const EmittedKernel& kernel : of_variant) {
        if (numbers_.try_emplace(kernel.glsl, shaders_.size()).second) shaders_.push_back({&kernel});
      }
    }
    parallel_for(shaders_.size(), [&](std::size_t i) {
      shaders_[i].spirv = without_names(compile(*shaders_[i].kernel, profile_.target));
    });
  }

  std::string header() const {
    const std::string& name = baked_.name();
    std::string constructor =
        "  /// On a device by its number in the order of the Vulkan loader, or on the first discrete, "
        "integrated, "
        "virtual or\n  /// software one that runs the shaders. Throws std::runtime_error where there is "
        "none.\n";
    constructor +=
        in_file_ ? fmt::format(
                       "  /// `weights` is the content of the file {}.weights, {} bytes; it is copied.\n"
                       "  explicit Network(const void* weights, int device = -1);\n",
                       name, baked_.weights().size())
                 : "  explicit Network(int device = -1);\n";
    constructor += "  ~Network();\n  const char* device_name() const;\n";
    return baked_.header(
        {.introduction = fmt::format(
             "// {0}: computations baked by hekla for {1}, as C++17 and SPIR-V. Nothing but the "
             "Vulkan loader is needed:\n//   c++ -O2 -std=c++17 program.cpp {0}.cpp -lvulkan\n",
             name, device_ ? "devices like " + backend::in_comment(device_->name()) : "any device"),
         .of_object =
             fmt::format("/// An object is used by one thread at a time; several objects are independent. It "
                         "holds {} bytes on the device.\n/// Functions return when the device has finished, "
                         "and throw std::runtime_error where it fails.\n",
                         baked_.memory_bytes() + static_cast<std::int64_t>(baked_.weights().size())),
         .includes = "#include <memory>\n",
         .constructors = constructor,
         .members = "  struct Device;\n  std::unique_ptr<Device> device_;\n"});
  }

  std::string source() const {
    const std::string& name = baked_.name();
    std::string text = fmt::format(
        "// Baked by hekla; see {0}.h.\n#include \"{0}.h\"\n\n#include <vulkan/vulkan.h>\n\n"
        "#include <algorithm>\n#include <cstring>\n#include <initializer_list>\n#include <iterator>\n"
        "#include <stdexcept>\n#include <string>\n#include <vector>\n\nnamespace {0} {{\n\nnamespace {{\n\n",
        name);
    text += shader_text("native_denormals.inc");
    text += "\n";
    text += shader_text("vulkan_runtime.inc");
    text += "\n";
    if (!in_file_) text += baked_.constants();
    for (std::size_t i = 0; i < shaders_.size(); ++i) text += words_of(i);
    text += model();
    text += "\n}  // namespace\n\nstruct Network::Device : Runtime {\n  using Runtime::Runtime;\n};\n\n";
    text += in_file_ ? "Network::Network(const void* weights, int device)\n    : "
                       "device_(std::make_unique<Device>(model(), weights, device)) {}\n"
                     : "Network::Network(int device) : device_(std::make_unique<Device>(model(), constants, "
                       "device)) {}\n";
    text +=
        "Network::~Network() = default;\n"
        "const char* Network::device_name() const { return device_->device_name(); }\n";
    if (!baked_.states().empty())
      text +=
          "void Network::save_state(void* bytes) const { device_->read(bytes, state_bytes); }\n"
          "void Network::load_state(const void* bytes) { device_->write(bytes, state_bytes); }\n";
    text += "\n";
    for (std::size_t v = 0; v < kernels_.size(); ++v) text += function(v);
    return text + baked_.dispatchers() + fmt::format("}}  // namespace {}\n", name);
  }

  std::string words_of(std::size_t shader) const {
    std::string text = fmt::format("const std::uint32_t shader_{}[] = {{", shader);
    const std::vector<std::uint32_t>& spirv = shaders_[shader].spirv;
    for (std::size_t i = 0; i < spirv.size(); ++i)
      fmt::format_to(std::back_inserter(text), "{}{:#x},", i % 16 == 0 ? "\n    " : " ", spirv[i]);
    return text + "\n};\n";
  }

  // Everything that the runtime needs to know, as one initializer.
  std::string model() const {
    std::string text = "\nconst Model& model() {\n  static const Model baked = {\n";
    text += fmt::format("      \"{}\",\n      {},\n      {{\n", baked_.name(), needs());
    for (std::size_t i = 0; i < shaders_.size(); ++i) text += shader(i);
    text += "      },\n      {\n";
    for (std::size_t v = 0; v < kernels_.size(); ++v) text += program(v);
    text += "      },\n      {";
    for (const BakedClass::State& state : baked_.states())
      text += fmt::format("{{{}, {}, {}}}, ", state.offset, state.in_weights, state.bytes);
    return text + fmt::format("}},\n      {},\n      {},\n  }};\n  return baked;\n}}\n",
                              baked_.weights().size(), baked_.memory_bytes());
  }

  std::string shader(std::size_t number) const {
    const EmittedKernel& kernel = *shaders_[number].kernel;
    std::string types;
    for (const EmittedBinding& binding : kernel.bindings)
      types += binding.kind == BindingKind::storage_buffer ? "VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, "
                                                           : "VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, ";
    return fmt::format("          {{\"{}\", shader_{}, sizeof shader_{}, {{{}}}, {}}},\n",
                       in_string(kernel.label), number, number, types, kernel.loops > 0);
  }

  static std::string in_string(const std::string& label) {
    std::string text = backend::in_comment(label);
    std::ranges::replace(text, '"', '\'');
    return text;
  }

  std::string program(std::size_t v) const {
    const BakedVariant& one = baked_.variants()[v];
    const std::vector<bool> barriers = place_barriers(one.plan, kernels_[v]);
    std::string text = fmt::format("          {{  // {}\n              {{\n", one.name);
    for (std::size_t k = 0; k < kernels_[v].size(); ++k) {
      const EmittedKernel& kernel = kernels_[v][k];
      std::string bindings;
      for (const EmittedBinding& binding : kernel.bindings) bindings += range(one, binding);
      text += fmt::format("                  {{{}, {}, {}, {{{}}}}},\n", numbers_.at(kernel.glsl),
                          kernel.workgroups, static_cast<bool>(barriers[k]), bindings);
    }
    text += "              },\n              {";
    // Each dispatch is one kernel of the plan.
    for (const Repeated& loop : one.plan.loops)
      text += fmt::format("{{{}, {}, {}, {}}}, ", loop.first, loop.end, loop.count, loop.depth);
    text += "},\n              {";
    for (std::size_t i = 0; i < one.inputs.size(); ++i)
      text += fmt::format("{{{}, {}}}, ", one.inputs[i], backend::bytes_of(one.variant->inputs[i].tensor));
    text += "},\n              {";
    for (std::size_t i = 0; i < one.outputs.size(); ++i)
      text +=
          fmt::format("{{{}, {}}}, ", one.outputs[i], backend::bytes_of(one.variant->computation.outputs[i]));
    return text + "},\n          },\n";
  }

  std::string range(const BakedVariant& one, const EmittedBinding& binding) const {
    const Slot& slot = one.plan.slots[static_cast<std::size_t>(binding.slot)];
    const BakedClass::Place place = baked_.place_of(one, slot);
    return fmt::format("{{{}, {}, {}, VkFormat({})}}, ", place.in_weights, place.offset,
                       bytes_of_range(binding, slot),
                       binding.kind == BindingKind::texel_buffer ? static_cast<int>(binding.format) : 0);
  }

  // What the runtime checks a device for.
  std::string needs() const {
    SpirvNeeds most;
    for (const Shader& shader : shaders_) {
      const SpirvNeeds needs = needs_of(shader.spirv);
      most.capabilities.insert(needs.capabilities.begin(), needs.capabilities.end());
      most.size_x = std::max(most.size_x, needs.size_x);
      most.invocations = std::max(most.invocations, needs.invocations);
      most.shared_bytes = std::max(most.shared_bytes, needs.shared_bytes);
    }
    std::size_t storage = 0, texel = 0;
    VkDeviceSize bytes = 0, texels = 0;
    for (std::size_t v = 0; v < kernels_.size(); ++v) {
      const std::vector<Slot>& slots = baked_.variants()[v].plan.slots;
      for (const EmittedKernel& kernel : kernels_[v]) {
        std::size_t of_kernel[] = {0, 0};
        for (const EmittedBinding& binding : kernel.bindings) {
          const VkDeviceSize range = bytes_of_range(binding, slots[static_cast<std::size_t>(binding.slot)]);
          const bool is_texel = binding.kind == BindingKind::texel_buffer;
          ++of_kernel[is_texel ? 1 : 0];
          // Texels have at least four bytes.
          (is_texel ? texels : bytes) = std::max(is_texel ? texels : bytes, is_texel ? range / 4 : range);
        }
        storage = std::max(storage, of_kernel[0]);
        texel = std::max(texel, of_kernel[1]);
      }
    }
    return fmt::format("{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, VkSubgroupFeatureFlags({}), {}, {}}}",
                       most.invocations, most.size_x, most.shared_bytes, storage, texel, texels, bytes,
                       alignment, most.capabilities.contains(capability::int64), profile_.target.octet_stores,
                       most.capabilities.contains(capability::keep_nan), subgroup_operations(most),
                       subgroup_operations(most) != 0 ? profile_.target.subgroup_size : 0,
                       most.capabilities.contains(capability::shuffle_relative));
  }

  static VkSubgroupFeatureFlags subgroup_operations(const SpirvNeeds& needs) {
    VkSubgroupFeatureFlags flags = 0;
    if (needs.capabilities.contains(capability::shuffle)) flags |= VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
    if (needs.capabilities.contains(capability::shuffle_relative))
      flags |= VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT;
    return flags;
  }

  std::string function(std::size_t v) const {
    const BakedVariant& one = baked_.variants()[v];
    std::vector<std::string> inputs, outputs;
    for (std::size_t i = 0; i < one.inputs.size(); ++i) inputs.push_back(baked_.input_name(one, i));
    for (std::size_t i = 0; i < one.outputs.size(); ++i) outputs.push_back(baked_.output_name(one, i));
    return fmt::format("void Network::{}({}) {{\n  device_->run({}, {{{}}}, {{{}}});\n}}\n\n", one.name,
                       baked_.parameters_of_one(one), v, fmt::join(inputs, ", "), fmt::join(outputs, ", "));
  }

  std::shared_ptr<VulkanDevice> device_;  // null: for any
  Profile profile_;
  BakedClass baked_;
  bool in_file_ = false;
  std::vector<std::vector<EmittedKernel>> kernels_;  // of each variant
  std::map<std::string, std::size_t> numbers_;       // of shaders, by their text
  std::vector<Shader> shaders_;
};

}  // namespace

BakedSource bake_for_hardware_device(const std::string& name, const std::vector<BakedFunction>& functions,
                                     const BakeFormat& format) {
  return DeviceBaker(name, functions, format).run();
}

}  // namespace hekla
