// The permutation in which an epoch visits its examples.
#pragma once

#include <cstdint>

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

/// i32, the numbers 0, 1, ..., count-1 permuted by the key. Each element is computed from its position alone,
/// so that one kernel does it without sorting. (random_permutation sorts, and is exactly uniform.) In each of
/// 48 rounds a random number K pairs x with K - x mod count; a hash bit of the larger of the two says whether
/// they are swapped. The bit is the highest of a x + b with random a and b. (Hoang, Morris, Rogaway: An
/// Enciphering Scheme Based on a Card Shuffle, CRYPTO 2012; Dietzfelbinger: Universal Hashing and k-wise
/// Independent Random Variables via Integer Arithmetic without Primes, STACS 1996.) Throws hekla::Error
/// unless 1 <= count < 2^31.
Tensor shuffled_positions(std::int64_t count, const RandomKey& key);

}  // namespace hekla
