// WorkingMemory: the arena that all plans of a device share.
#pragma once

#include <memory>

#include "backends/vulkan/buffer.h"

namespace hekla::vulkan {

/// One arena serves every plan, because submissions execute one after the other, each behind a barrier, and
/// no plan reads what an earlier one left there. It has the size that the largest recently run plan needs.
class WorkingMemory {
 public:
  explicit WorkingMemory(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

  /// The arena, of at least `bytes`: reused unless it is too small, or much too large for all recent
  /// requests. The caller keeps it alive until its work is submitted.
  std::shared_ptr<Buffer> of_size(VkDeviceSize bytes);
  /// Releases the arena; the next request allocates another.
  void give_up();

 private:
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<Buffer> arena_;
  VkDeviceSize most_wanted_ = 0;  // maximum request since the last size check
  int asked_ = 0;                 // requests since then
};

}  // namespace hekla::vulkan
