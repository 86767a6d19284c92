// Matrix units: what a device multiplies at once, found through VK_KHR_cooperative_matrix or
// VK_NV_cooperative_matrix, whichever the device and the GLSL compiler of this process both know.
#pragma once

#include <volk.h>

#include <functional>
#include <string>
#include <vector>

#include "backends/vulkan/matmul_tiles.h"
#include "graph/dtype.h"

namespace hekla::vulkan {

enum class MatrixForm { none, khr, nv };

/// The unit for each dtype of factors whose products are added up in f32.
struct MatrixUnits {
  MatrixForm form = MatrixForm::none;
  MatrixUnit f16 = {};
  MatrixUnit bf16 = {};

  MatrixUnit of(DType factors) const {
    return factors == DType::f16 ? f16 : factors == DType::bf16 ? bf16 : MatrixUnit{};
  }
};

/// One line of a device's list.
struct MatrixShape {
  MatrixUnit unit;
  uint32_t a, b, c, result;  // VkComponentTypeKHR
  uint32_t scope;            // VkScopeKHR
};

/// The unit of `shapes` for factors of `dtype`, f16 or bf16: the one of the most work, and the first of
/// equals.
MatrixUnit choose_unit(const std::vector<MatrixShape>& shapes, DType dtype);

/// Whether the GLSL compiler of this process knows a form for factors of `factors`, f16 or bf16.
bool compiler_knows(MatrixForm form, DType factors);

/// The units of a device, given which extensions it lists.
MatrixUnits find_matrix_units(VkInstance instance, VkPhysicalDevice device,
                              const std::function<bool(const char*)>& listed);

/// The #extension lines that a kernel with such factors needs.
std::string matrix_extensions(MatrixForm form, DType factors);

/// What enables the units when a device is created. Stays where it is between enable and that.
class MatrixFeatures {
 public:
  MatrixFeatures() = default;
  MatrixFeatures(const MatrixFeatures&) = delete;
  MatrixFeatures& operator=(const MatrixFeatures&) = delete;

  /// Adds to `extensions` what the units need.
  void enable(const MatrixUnits& units, std::vector<const char*>& extensions);
  /// The head of a chain for VkDeviceCreateInfo; null where there is nothing to enable.
  void* chain() { return chain_; }

 private:
  // Of both extensions, whose structures are alike.
  struct Matrices {
    VkStructureType type;
    void* next = nullptr;
    VkBool32 matrices = VK_TRUE;
    VkBool32 robust_access = VK_FALSE;
  };
  struct Bfloat16 {
    VkStructureType type;
    void* next = nullptr;
    VkBool32 numbers = VK_TRUE;
    VkBool32 dot_products = VK_FALSE;
    VkBool32 matrices = VK_TRUE;
  };
  friend MatrixUnits find_matrix_units(VkInstance, VkPhysicalDevice, const std::function<bool(const char*)>&);

  Matrices matrices_{};
  Bfloat16 bfloat16_{};
  void* chain_ = nullptr;
};

}  // namespace hekla::vulkan
