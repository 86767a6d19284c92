// Division by a factor, done by leaving the factor out.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// What `product` is beside `factor`: a where it is a * factor or factor * a, and the same through sums,
/// quotients, signs and choices of such products. An empty tensor where it is no such product. Gradient rules
/// that divide by their result ask, so that y / y is 1 where y is 0, too.
Tensor without_factor(const Tensor& product, const Tensor& factor);

}  // namespace hekla
