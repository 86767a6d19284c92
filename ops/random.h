// Random numbers: a pure function of a key and a position, so the same seed gives the same numbers on every
// device, fused or not. Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2,
// 3, SC 2011). Use a key for one tensor only; for the next one take another stream, or keys from split and
// fold_in.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Identifies one stream of random numbers. `seed` and `stream` are u32 scalars: numbers, or tensors such as
/// a counter that a training step advances.
struct RandomKey {
  Tensor seed;
  Tensor stream;
};

/// A key from host numbers.
RandomKey random_key(std::uint32_t seed, std::uint32_t stream = 0);

/// `count` keys derived from `key`, independent of each other and of all that is drawn with `key` itself.
/// Throws hekla::Error when count is negative.
std::vector<RandomKey> split(const RandomKey& key, int count = 2);

/// A key derived from `key` and `data` (a u32 scalar: a number, or a tensor such as the step's number),
/// independent of all that is drawn with `key` itself.
RandomKey fold_in(const RandomKey& key, const Tensor& data);

/// u32 bits, uniform: element i is word i % 4 of the Philox4x32-10 block with counter (i / 4, 0, 0, 0) and
/// key (seed, stream).
Tensor random_bits(const Shape& shape, const RandomKey& key);

/// f32, uniform in [low, high): the upper 24 bits as a fraction.
Tensor random_uniform(const Shape& shape, const RandomKey& key, double low = 0, double high = 1);

/// f32, normally distributed: mean + stddev * sqrt(-2 log u) cos(2 pi v) with u uniform in (0, 1), v in [0,
/// 1). |x - mean| is below 5.8 stddev. (Box, Muller: A Note on the Generation of Random Normal Deviates,
/// 1958.)
Tensor random_normal(const Shape& shape, const RandomKey& key, double mean = 0, double stddev = 1);

/// f32, normal distribution truncated at two stddev from the mean, as Keras's TruncatedNormal. Drawn by the
/// inverse of the distribution function: mean + stddev * sqrt(2) erfinv(u), u uniform in erf(-+sqrt(2)). Its
/// standard deviation is 0.8796 stddev.
Tensor random_truncated_normal(const Shape& shape, const RandomKey& key, double mean = 0, double stddev = 1);

/// bool, true with the given probability: a number, or an f32 tensor that broadcasts to `shape`.
Tensor random_bernoulli(const Shape& shape, const RandomKey& key, const Tensor& probability = 0.5);

/// i32 classes drawn with probabilities softmax(logits): f32 [.., classes] to [.., count], as Keras's
/// random.categorical. Each draw takes the class with the largest logit + Gumbel noise. (Gumbel: Statistical
/// Theory of Extreme Values, 1954.) Throws hekla::Error when there are no classes or count is negative.
Tensor random_categorical(const Tensor& logits, const RandomKey& key, std::int64_t count);

/// i32, the numbers 0, 1, ..., count-1 in random order: the argsort of as many random_bits, as
/// jax.random.permutation. Where two draw the same 32 bits, the smaller number comes first. Throws
/// hekla::Error when count is negative.
Tensor random_permutation(std::int64_t count, const RandomKey& key);

/// One Philox4x32-10 block on the host: what random_bits computes, for any counter.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

extern const Op random_bits_op;

}  // namespace hekla
