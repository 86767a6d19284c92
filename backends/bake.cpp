#include "backends/bake.h"

#include "graph/run/runtime_lock.h"

namespace hekla {

BakedSource bake_source(const std::string& name, const std::vector<BakedFunction>& functions,
                        const BakeFormat& format) {
  const RuntimeLock lock;
  switch (format.form) {
    case BakeForm::cplusplus:
      return bake_for_processor(name, functions, format);
    case BakeForm::vulkan:
      break;
  }
  return bake_for_hardware_device(name, functions, format);
}

}  // namespace hekla
