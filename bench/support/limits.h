// Limits, measured in alternation with what they limit.
#pragma once

#include <cstdint>

#include "bench/support/measure.h"

namespace hekla::bench {

/// Multiply-adds in registers, unrolled and independent of each other: the peak of the driver's code. None on `native`.
Limit multiply_add_peak();

/// Plain single-threaded loops of the host over `count` floats: y = x, z = a x + y, and the sum of x.
Limit plain_copy(std::int64_t count);
Limit plain_map(std::int64_t count);
Limit plain_sum(std::int64_t count);

}  // namespace hekla::bench
