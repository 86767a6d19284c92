// Reordering elements: views, which never become kernels. Pad modes that repeat elements add choices between
// views.
#pragma once

#include <vector>

#include "ops/axes.h"
#include "ops/view.h"

namespace hekla {

/// Two axes exchanged, as np.swapaxes.
Tensor swapaxes(const Tensor& x, int axis1, int axis2);

/// Axis `source` of x becomes axis `destination` of the result, and the others keep their order; np.moveaxis.
Tensor moveaxis(const Tensor& x, int source, int destination);
/// The same for several axes. Throws hekla::Error when `source` and `destination` differ in length.
Tensor moveaxis(const Tensor& x, const std::vector<int>& source, const std::vector<int>& destination);

/// Reverses the named axes, as np.flip; no axes mean all of them.
Tensor flip(const Tensor& x, const Axes& axes = {});

/// Elements shifted cyclically by `shift` places along `axis`, as np.roll: y[(i + shift) mod n] = x[i].
Tensor roll(const Tensor& x, std::int64_t shift, int axis);
/// The same over all elements in row-major order; the shape stays.
Tensor roll(const Tensor& x, std::int64_t shift);

/// How pad extends a tensor beyond its borders.
enum class PadMode {
  constant,   // zeros
  reflect,    // mirrored at the last element, which is not repeated: 3 2 | 1 2 3 | 2 1
  symmetric,  // mirrored beside the last element, which is repeated: 2 1 | 1 2 3 | 3 2
  edge,       // the last element repeated: 1 1 | 1 2 3 | 3 3
  circular,   // continued from the other end: 2 3 | 1 2 3 | 1 2; NumPy's wrap
};

/// x extended by a border, as np.pad with this mode; axes beyond `paddings` are unchanged. Borders wider than
/// the axis are mirrored, or continued from the other end, repeatedly. Throws hekla::Error on negative
/// padding, on interior padding unless the mode is constant, and on an axis without elements, from which a
/// border cannot be made.
Tensor pad(const Tensor& x, const std::vector<Padding>& paddings, PadMode mode);

}  // namespace hekla
