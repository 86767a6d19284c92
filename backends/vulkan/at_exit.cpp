// Drivers and layers end with handlers and objects of their own, at exit, in the order opposite to that in
// which they came to be. NVIDIA's driver leaves no code behind that could be called, and the validation
// layer, whose objects come to be while it is used, ends before whatever was there when it was loaded.
#include "backends/vulkan/at_exit.h"

#include <cstdlib>
#include <mutex>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/pipeline_cache.h"
#include "graph/evaluator.h"

namespace hekla::vulkan {

namespace {

struct Opened {
  std::mutex mutex;
  std::vector<std::weak_ptr<Context>> contexts;
};

// Never destroyed: handlers look at it.
Opened& opened() {
  static auto& all = *new Opened;
  return all;
}

void abandon(bool validated) {
  for (const std::weak_ptr<Context>& one : opened().contexts) {
    const std::shared_ptr<Context> context = one.lock();
    if (!context || context->abandoned || (context->instance.log != nullptr) != validated) continue;
    if (!validated) {
      static_cast<void>(vkDeviceWaitIdle(context->device));
      save_pipeline_cache(*context);
    }
    context->abandoned = true;
  }
}

void end() {
  std::lock_guard lock(opened().mutex);
  abandon(true);
  // As usual, if nobody else holds it.
  set_default_device(nullptr);
  abandon(false);
}

}  // namespace

void abandon_at_exit(const std::shared_ptr<Context>& context) {
  std::lock_guard lock(opened().mutex);
  std::vector<std::weak_ptr<Context>>& contexts = opened().contexts;
  std::erase_if(contexts, [&](const auto& one) { return one.expired() || one.lock() == context; });
  contexts.push_back(context);
  std::atexit(end);
}

}  // namespace hekla::vulkan
