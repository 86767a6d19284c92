// Matrices and arrays of other libraries: the error of a copy.
#include "ops/adapters.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

void check_view_shape(const Tensor& x, const Shape& view) {
  if (x.shape() == view) return;
  throw Error(fmt::format(
      "[copy_to] the tensor is {} and the view {}; their shapes must be equal, so resize the view or "
      "reshape the tensor.",
      describe(x), to_string(view)));
}

}  // namespace hekla
