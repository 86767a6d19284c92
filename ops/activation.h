// Activations, composed of elementwise operations and reductions.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// max(x, 0); gradient 0 at 0.
Tensor relu(const Tensor& x);
/// e^x / sum of e^x along `axis`, from x less its largest element so that nothing overflows.
Tensor softmax(const Tensor& x, int axis = -1);
/// log(softmax(x)) = x - max - log(sum(e^(x - max))).
Tensor log_softmax(const Tensor& x, int axis = -1);

}  // namespace hekla
