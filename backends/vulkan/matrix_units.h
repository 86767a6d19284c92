// Matrix units (tensor cores): shapes that a device multiplies in one instruction. Found through
// VK_KHR_cooperative_matrix or VK_NV_cooperative_matrix, whichever the device and this process's GLSL
// compiler both support.
#pragma once

#include <volk.h>

#include <functional>
#include <string>
#include <vector>

#include "backends/vulkan/matmul_tiles.h"
#include "graph/dtype.h"

namespace hekla::vulkan {

enum class MatrixForm { none, khr, nv };

/// The matrix unit for each dtype of factors, with accumulation in f32.
struct MatrixUnits {
  MatrixForm form = MatrixForm::none;
  MatrixUnit f16 = {};
  MatrixUnit bf16 = {};

  MatrixUnit of(DType factors) const {
    return factors == DType::f16 ? f16 : factors == DType::bf16 ? bf16 : MatrixUnit{};
  }
};

/// One entry of the list of cooperative matrix shapes that a device reports.
struct MatrixShape {
  MatrixUnit unit;
  uint32_t a, b, c, result;  // VkComponentTypeKHR
  uint32_t scope;            // VkScopeKHR
};

/// Selects the unit of `shapes` for factors of `dtype`, f16 or bf16: the one with the most work per
/// instruction, the first among equals.
MatrixUnit choose_unit(const std::vector<MatrixShape>& shapes, DType dtype);

/// Whether the GLSL compiler of this process supports a form for factors of `factors`, f16 or bf16.
bool compiler_knows(MatrixForm form, DType factors);

/// The matrix units of a device, given the extensions that it lists.
MatrixUnits find_matrix_units(VkInstance instance, VkPhysicalDevice device,
                              const std::function<bool(const char*)>& listed);

/// The #extension lines that a kernel with such factors needs.
std::string matrix_extensions(MatrixForm form, DType factors);

/// The feature structures that enable the matrix units at device creation. Must not move between enable() and
/// device creation, because the chain points into it.
class MatrixFeatures {
 public:
  MatrixFeatures() = default;
  MatrixFeatures(const MatrixFeatures&) = delete;
  MatrixFeatures& operator=(const MatrixFeatures&) = delete;

  /// Adds the extensions of the units to `extensions`.
  void enable(const MatrixUnits& units, std::vector<const char*>& extensions);
  /// The head of a pNext chain for VkDeviceCreateInfo; null when there is nothing to enable.
  void* chain() { return chain_; }

 private:
  // The feature structure of either extension; they have the same layout.
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
