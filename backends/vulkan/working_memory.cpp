// WorkingMemory: the shared arena (see working_memory.h).
#include "backends/vulkan/working_memory.h"

#include <algorithm>

namespace hekla::vulkan {

namespace {

// The number of runs between size checks; reallocating the arena costs the time of some runs.
constexpr int runs_between_looks = 1024;

}  // namespace

std::shared_ptr<Buffer> WorkingMemory::of_size(VkDeviceSize bytes) {
  most_wanted_ = std::max(most_wanted_, bytes);
  if (++asked_ == runs_between_looks) {
    if (arena_ && size_class(most_wanted_) < arena_->capacity / 2) give_up();
    asked_ = 0;
    most_wanted_ = bytes;
  }
  if (arena_ && arena_->capacity >= bytes) return arena_;
  // Releases the old arena first, so that both need not fit in memory at once.
  give_up();
  arena_ = pool_->acquire(bytes, "working memory of a plan");
  return arena_;
}

void WorkingMemory::give_up() {
  if (arena_) arena_->kept_when_free = false;
  arena_.reset();
}

}  // namespace hekla::vulkan
