// Wraps the matmul skeletons with hand-written hooks of the form that the generator makes, and runs them on
// plain arrays: for the tests, and for timing tiles.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/matmul_tiles.h"
#include "backends/vulkan/pipeline.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

/// How the hooks read memory.
enum class ReadForm { texel, storage };

struct MatmulCase {
  MatmulSizes sizes;
  MatmulTiles tiles;
  ReadForm form = ReadForm::texel;
};

/// The whole GLSL source of a case.
std::string matmul_source(const MatmulCase& matmul);

/// Operands on the device, as the hooks of a case expect them, and the result.
struct MatmulRun {
  MatmulRun(std::shared_ptr<BufferPool> pool, const MatmulCase& matmul, std::span<const float> a,
            std::span<const float> b);
  /// Records the commands of one product.
  void record(VkCommandBuffer commands) const;
  /// The result as rows x columns for each batch.
  std::vector<float> result() const;

  MatmulCase matmul;
  std::shared_ptr<Buffer> a, b, c;
  std::shared_ptr<Pipeline> pipeline;
  Bindings bindings;
  VkDescriptorSet set = VK_NULL_HANDLE;
};

}  // namespace hekla::vulkan::test
