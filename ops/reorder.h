// The same elements in another order: views only, so whoever reads them reads through.
#pragma once

#include <vector>

#include "ops/view.h"

namespace hekla {

/// Two axes exchanged, as np.swapaxes.
Tensor swapaxes(const Tensor& x, int axis1, int axis2);

/// Axis `source` of x becomes axis `destination` of the result, the others keep their order; np.moveaxis.
Tensor moveaxis(const Tensor& x, int source, int destination);
/// The same for several axes. Throws hekla::Error when there are not as many of both.
Tensor moveaxis(const Tensor& x, const std::vector<int>& source, const std::vector<int>& destination);

/// The named axes backwards, as np.flip; no axes mean all of them.
Tensor flip(const Tensor& x, const std::vector<int>& axes = {});

/// Elements moved `shift` places along `axis`, those that leave at one end entering at the other, as np.roll:
/// y[(i + shift) mod n] = x[i].
Tensor roll(const Tensor& x, std::int64_t shift, int axis);
/// The same through all elements in row-major order; the shape stays.
Tensor roll(const Tensor& x, std::int64_t shift);

/// How pad continues a tensor beyond its ends.
enum class PadMode {
  constant,  // zeros
  reflect,   // mirrored at the last element, which is not repeated: 3 2 | 1 2 3 | 2 1
  edge,      // the last element again: 1 1 | 1 2 3 | 3 3
};

/// x with a border that continues it, as np.pad with this mode; axes beyond `paddings` are left alone.
/// Borders wider than the axis reflect back and forth. Throws hekla::Error on a negative padding, on padding
/// between elements unless the mode is constant, and on an axis without elements, which has nothing to
/// continue.
Tensor pad(const Tensor& x, const std::vector<Padding>& paddings, PadMode mode);

}  // namespace hekla
