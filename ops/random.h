// Random numbers: a pure function of a key and a position, so the same seed gives the same numbers on every
// device, fused or not. Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2,
// 3, SC 2011).
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// Names one stream of random numbers. `seed` and `stream` are u32 scalars: numbers, or tensors such as a
/// counter that a training step advances.
struct RandomKey {
  Tensor seed;
  Tensor stream;
};

/// A key from host numbers.
RandomKey random_key(std::uint32_t seed, std::uint32_t stream = 0);

/// u32 bits, uniform: element i is word i % 4 of the Philox4x32-10 block with counter (i / 4, 0, 0, 0) and
/// key (seed, stream).
Tensor random_bits(const Shape& shape, const RandomKey& key);

/// f32, uniform in [low, high): the upper 24 bits as a fraction.
Tensor random_uniform(const Shape& shape, const RandomKey& key, double low = 0, double high = 1);

extern const Op random_bits_op;

}  // namespace hekla
