// Symbolic division of an expression by one of its factors.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// `product` divided by `factor`, symbolically: a where it is a * factor or factor * a, and likewise through
/// sums, quotients, negations and `where` choices of such products. An empty tensor where `factor` is not a
/// factor of it. Gradient rules that divide by their result use it, so that y / y is 1 where y is 0, too.
Tensor without_factor(const Tensor& product, const Tensor& factor);

}  // namespace hekla
