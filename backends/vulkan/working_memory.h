// WorkingMemory: the arena that all plans of a device work in.
#pragma once

#include <memory>

#include "backends/vulkan/buffer.h"

namespace hekla::vulkan {

/// One arena serves every plan: on the device submissions come one after the other, each behind a barrier,
/// and no plan wants to find what one before it left. It is as large as the plan of late that needs most.
class WorkingMemory {
 public:
  explicit WorkingMemory(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

  /// The arena, of at least `bytes`: the same as before unless it was too small, or much too large for all
  /// that asked of late. Whoever submits work on it holds it until then.
  std::shared_ptr<Buffer> of_size(VkDeviceSize bytes);
  /// Gives the arena up; the next to ask gets another.
  void give_up();

 private:
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<Buffer> arena_;
  VkDeviceSize most_wanted_ = 0;  // since the last time that the size was looked at
  int asked_ = 0;                 // since then
};

}  // namespace hekla::vulkan
