// See origin.h.
#include "graph/origin.h"

#include <algorithm>

namespace hekla {

const Tensor& with_origin(const Tensor& result, Origin origin) {
  const bool is_input = std::any_of(origin.inputs.begin(), origin.inputs.end(),
                                    [&](const Tensor& input) { return input.get() == result.get(); });
  if (!is_input && !result.node().origin)
    result.node().origin = std::make_shared<const Origin>(std::move(origin));
  return result;
}

}  // namespace hekla
