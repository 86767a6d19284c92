// Which numbers are finite, and replacing those that are not.
#pragma once

#include <optional>

#include "graph/tensor.h"

namespace hekla {

/// bool: true where x is NaN, as torch.isnan; any dtype. False for integers and bool.
Tensor isnan(const Tensor& x);
/// bool: true where x is inf or -inf, as torch.isinf; any dtype. False for integers and bool.
Tensor isinf(const Tensor& x);
/// bool: true where x is neither NaN nor infinite, as torch.isfinite; any dtype. True for integers and bool.
Tensor isfinite(const Tensor& x);

/// x with NaN replaced by `nan`, inf by `posinf` and -inf by `neginf`, as torch.nan_to_num. Without a number, the
/// infinities become the largest and the smallest finite number of the dtype. Integers and bool are returned as
/// they are. The gradient is 0 where x was replaced.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                  std::optional<double> neginf = {});

}  // namespace hekla
