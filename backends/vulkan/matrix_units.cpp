// Matrix units. The structures and enum values of VK_KHR_cooperative_matrix and VK_KHR_shader_bfloat16 are
// defined here as in the registry, because Vulkan headers that are still in use (1.3.239) lack them.
#include "backends/vulkan/matrix_units.h"

#include <fmt/format.h>

#include "backends/vulkan/compiler.h"
#include "backends/vulkan/result.h"
#include "graph/error.h"

namespace hekla::vulkan {
namespace {

constexpr const char* khr_name = "VK_KHR_cooperative_matrix";
constexpr const char* nv_name = "VK_NV_cooperative_matrix";
constexpr const char* bfloat16_name = "VK_KHR_shader_bfloat16";

constexpr auto khr_features = static_cast<VkStructureType>(1000506000);
constexpr auto khr_properties = static_cast<VkStructureType>(1000506001);
constexpr auto nv_features = static_cast<VkStructureType>(1000249000);
constexpr auto nv_properties = static_cast<VkStructureType>(1000249001);
constexpr auto bfloat16_features = static_cast<VkStructureType>(1000141000);

constexpr uint32_t component_f16 = 0;
constexpr uint32_t component_f32 = 1;
constexpr uint32_t component_bf16 = 1000141000;
constexpr uint32_t scope_subgroup = 3;

struct KhrProperties {
  VkStructureType type = khr_properties;
  void* next = nullptr;
  uint32_t rows, columns, depth, a, b, c, result;
  VkBool32 saturating;
  uint32_t scope;
};

struct NvProperties {
  VkStructureType type = nv_properties;
  void* next = nullptr;
  uint32_t rows, columns, depth, a, b, c, result, scope;
};

template <class Properties>
std::vector<MatrixShape> list_shapes(VkInstance instance, VkPhysicalDevice device, const char* function) {
  using List = VkResult(VKAPI_PTR*)(VkPhysicalDevice, uint32_t*, Properties*);
  const auto list = reinterpret_cast<List>(vkGetInstanceProcAddr(instance, function));
  if (list == nullptr) return {};
  uint32_t count = 0;
  check(list(device, &count, nullptr), function, "a device");
  std::vector<Properties> properties(count);
  check(list(device, &count, properties.data()), function, "a device");
  properties.resize(count);
  std::vector<MatrixShape> shapes;
  for (const Properties& p : properties)
    shapes.push_back({{p.rows, p.columns, p.depth}, p.a, p.b, p.c, p.result, p.scope});
  return shapes;
}

// Whether glslang supports a form, found by compiling a test shader: its version number does not tell how it
// was built.
bool compiles(MatrixForm form, DType factors) {
  const char* type = form == MatrixForm::nv   ? "fcoopmatNV<16, gl_ScopeSubgroup, 16, 16>"
                     : factors == DType::bf16 ? "coopmat<bfloat16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseA>"
                                              : "coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseA>";
  const std::string text = fmt::format(
      "#version 460\n{0}layout(local_size_x = 32) in;\nvoid main() {{\n  {1} matrix = {1}(0.0);\n}}\n",
      matrix_extensions(form, factors), type);
  try {
    compile_glsl(text, "matrix units");
    return true;
  } catch (const Error&) {
    return false;
  }
}

template <class Features>
bool has_feature(VkPhysicalDevice device, Features& features) {
  VkPhysicalDeviceFeatures2 all{};
  all.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  all.pNext = &features;
  vkGetPhysicalDeviceFeatures2(device, &all);
  return features.matrices != VK_FALSE;
}

}  // namespace

bool compiler_knows(MatrixForm form, DType factors) {
  static const bool khr = compiles(MatrixForm::khr, DType::f16);
  static const bool khr_bf16 = compiles(MatrixForm::khr, DType::bf16);
  static const bool nv = compiles(MatrixForm::nv, DType::f16);
  if (form == MatrixForm::nv) return nv && factors == DType::f16;
  return factors == DType::bf16 ? khr_bf16 : khr;
}

MatrixUnit choose_unit(const std::vector<MatrixShape>& shapes, DType dtype) {
  const uint32_t factor = dtype == DType::f16 ? component_f16 : component_bf16;
  const auto work = [](const MatrixUnit& unit) {
    return std::uint64_t{unit.rows} * unit.columns * unit.depth;
  };
  MatrixUnit best;
  for (const MatrixShape& shape : shapes) {
    const MatrixUnit& unit = shape.unit;
    // The skeleton loads and stores quads and aligns rows to 16 bytes, so units must be multiples of 8.
    const bool in_octets = unit.rows % 8 == 0 && unit.columns % 8 == 0 && unit.depth % 8 == 0;
    const bool fits = shape.a == factor && shape.b == factor && shape.c == component_f32 &&
                      shape.result == component_f32 && shape.scope == scope_subgroup;
    if (in_octets && fits && work(unit) > work(best)) best = unit;
  }
  return best;
}

MatrixUnits find_matrix_units(VkInstance instance, VkPhysicalDevice device,
                              const std::function<bool(const char*)>& listed) {
  MatrixUnits units;
  MatrixFeatures::Matrices matrices{};
  matrices.type = khr_features;
  if (listed(khr_name) && compiler_knows(MatrixForm::khr, DType::f16) && has_feature(device, matrices)) {
    const std::vector<MatrixShape> shapes =
        list_shapes<KhrProperties>(instance, device, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
    units.form = MatrixForm::khr;
    units.f16 = choose_unit(shapes, DType::f16);
    MatrixFeatures::Bfloat16 bfloat16{};
    bfloat16.type = bfloat16_features;
    const bool has_bf16 =
        listed(bfloat16_name) && has_feature(device, bfloat16) && bfloat16.numbers != VK_FALSE;
    if (has_bf16 && compiler_knows(MatrixForm::khr, DType::bf16))
      units.bf16 = choose_unit(shapes, DType::bf16);
  }
  matrices = {};
  matrices.type = nv_features;
  if (units.f16 == MatrixUnit{} && units.bf16 == MatrixUnit{} && listed(nv_name) &&
      compiler_knows(MatrixForm::nv, DType::f16) && has_feature(device, matrices)) {
    units.form = MatrixForm::nv;
    units.f16 = choose_unit(
        list_shapes<NvProperties>(instance, device, "vkGetPhysicalDeviceCooperativeMatrixPropertiesNV"),
        DType::f16);
  }
  if (units.f16 == MatrixUnit{} && units.bf16 == MatrixUnit{}) units.form = MatrixForm::none;
  return units;
}

std::string matrix_extensions(MatrixForm form, DType factors) {
  return fmt::format(
      "#extension GL_KHR_memory_scope_semantics : require\n#extension {} : require\n#extension {} : "
      "require\n",
      form == MatrixForm::khr ? "GL_KHR_cooperative_matrix" : "GL_NV_cooperative_matrix",
      factors == DType::bf16 ? "GL_EXT_bfloat16" : "GL_EXT_shader_explicit_arithmetic_types_float16");
}

void MatrixFeatures::enable(const MatrixUnits& units, std::vector<const char*>& extensions) {
  if (units.form == MatrixForm::none) return;
  extensions.push_back(units.form == MatrixForm::khr ? khr_name : nv_name);
  matrices_.type = units.form == MatrixForm::khr ? khr_features : nv_features;
  chain_ = &matrices_;
  if (units.bf16 == MatrixUnit{}) return;
  extensions.push_back(bfloat16_name);
  bfloat16_.type = bfloat16_features;
  bfloat16_.next = chain_;
  chain_ = &bfloat16_;
}

}  // namespace hekla::vulkan
