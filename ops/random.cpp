// The Philox generator as an elementwise operation on (seed, stream, block, word, use), and the distributions
// made of it.
#include "ops/random.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/sort.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The counter's last word identifies the purpose of the block, so that keys derived from a key share no block
// with the numbers drawn with it.
enum class Use : std::uint32_t { numbers, fold_in, split };

std::uint32_t word(double x) { return static_cast<std::uint32_t>(x); }

Tensor as_u32(const Tensor& x) {
  return is_literal(x) ? constant(convert(x.node().attributes.number, DType::u32), {}, DType::u32) : x;
}

Tensor bits(const RandomKey& key, const Tensor& block, const Tensor& which, Use use) {
  const Shape& shape = block.shape();
  return apply(random_bits_op,
               {broadcast_to(as_u32(key.seed), shape), broadcast_to(as_u32(key.stream), shape), block, which,
                constant(static_cast<std::uint32_t>(use), shape, DType::u32)});
}

RandomKey derived(const RandomKey& key, const Tensor& data, Use use) {
  const Tensor block = as_u32(data);
  return {bits(key, block, constant(0, {}, DType::u32), use),
          bits(key, block, constant(1, {}, DType::u32), use)};
}

// In (0, 1): odd multiples of 2^-24, which f32 represents exactly, so that every device draws the same
// numbers.
Tensor open_fraction(const Tensor& drawn) {
  return (cast(drawn / 512, DType::f32) * 2 + 1) * (1.0 / 16777216.0);
}

// -log of a uniform number in (0, 1). Computed from 1 - u, which is uniform too and keeps the digits of small
// results.
Tensor exponential(const Tensor& drawn) { return -log1p(-open_fraction(drawn)); }

// The first or the second of each pair.
Tensor half_of(const Tensor& pairs, std::int64_t which) {
  std::vector<Range> ranges(static_cast<std::size_t>(pairs.rank()));
  ranges.back() = {.start = which, .stop = which + 1};
  return squeeze(slice(pairs, ranges), {-1});
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  auto& c = counter;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(product1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(product1),
         static_cast<std::uint32_t>(product0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

const Op random_bits_op{
    .name = "random_bits",
    .kind = Kind::elementwise,
    .arity = 5,
    .infer = [](const Node& node) -> Meta { return same_as_operands(node); },
    .glsl = "hk_philox({0}, {1}, {2}, {3}, {4})",
    .glsl_functions = R"(uint hk_philox(uint key0, uint key1, uint block, uint word, uint use) {
  uvec4 c = uvec4(block, 0u, 0u, use);
  for (int round = 0; round < 10; ++round) {
    uint high0, low0, high1, low1;
    umulExtended(0xD2511F53u, c.x, high0, low0);
    umulExtended(0xCD9E8D57u, c.z, high1, low1);
    c = uvec4(high1 ^ c.y ^ key0, low1, high0 ^ c.w ^ key1, low0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return word == 0u ? c.x : word == 1u ? c.y : word == 2u ? c.z : c.w;
}
)",
    .eval = [](std::span<const double> x, DType) -> double {
      return philox({word(x[2]), 0, 0, word(x[4])}, {word(x[0]), word(x[1])})[word(x[3]) % 4];
    },
    .cost = 100};

RandomKey random_key(std::uint32_t seed, std::uint32_t stream) {
  return {constant(seed, {}, DType::u32), constant(stream, {}, DType::u32)};
}

std::vector<RandomKey> split(const RandomKey& key, int count) {
  if (count < 0) throw Error(fmt::format("[split] {} keys; the count must not be negative.", count));
  std::vector<RandomKey> keys;
  for (int i = 0; i < count; ++i) keys.push_back(derived(key, i, Use::split));
  return keys;
}

RandomKey fold_in(const RandomKey& key, const Tensor& data) { return derived(key, data, Use::fold_in); }

Tensor random_bits(const Shape& shape, const RandomKey& key) {
  constexpr std::int64_t most = std::int64_t{1} << 32;
  if (shape.count() > most) {
    throw Error(fmt::format("[random] {} numbers for {}; a key gives {} at most (see split).", shape.count(),
                            to_string(shape), most));
  }
  const Tensor position = reshape(iota(Shape{shape.count()}, 0, DType::u32), shape);
  return bits(key, position / 4, position % 4, Use::numbers);
}

Tensor random_uniform(const Shape& shape, const RandomKey& key, double low, double high) {
  // Dividing by 256 keeps the 24 bits that an f32 represents exactly, so the fraction never rounds up to 1.
  const Tensor fraction = cast(random_bits(shape, key) / 256, DType::f32) * (1.0 / 16777216.0);
  return fraction * (high - low) + low;
}

Tensor random_normal(const Shape& shape, const RandomKey& key, double mean, double stddev) {
  Shape pairs = shape;
  pairs.push_back(2);
  const Tensor drawn = random_bits(pairs, key);
  const Tensor turn = cast(half_of(drawn, 1) / 256, DType::f32) * (1.0 / 16777216.0);
  const Tensor radius = sqrt(2 * exponential(half_of(drawn, 0)));
  return radius * cos(2 * std::numbers::pi * turn) * stddev + mean;
}

Tensor random_truncated_normal(const Shape& shape, const RandomKey& key, double mean, double stddev) {
  const double inside = std::erf(std::numbers::sqrt2);
  const Tensor u = (2 * open_fraction(random_bits(shape, key)) - 1) * inside;
  // Clipping makes the bounds hold in spite of rounding.
  const Tensor normal = clip(std::numbers::sqrt2 * erfinv(u), -2, 2);
  return normal * stddev + mean;
}

Tensor random_bernoulli(const Shape& shape, const RandomKey& key, const Tensor& probability) {
  const Tensor wanted = cast(probability, DType::f32);
  return random_uniform(shape, key) < broadcast_to(wanted, shape);
}

Tensor random_categorical(const Tensor& logits, const RandomKey& key, std::int64_t count) {
  if (logits.rank() < 1 || logits.size(-1) < 1 || logits.dtype() != DType::f32 || count < 0) {
    throw Error(
        fmt::format("[random_categorical] logits are {} and the count is {}; the logits must be f32 with one "
                    "class or more along the last axis and the count not negative.",
                    describe(logits), count));
  }
  Shape shape = logits.shape();
  shape[shape.rank() - 1] = count;
  shape.push_back(logits.size(-1));
  const Tensor gumbel = -log(exponential(random_bits(shape, key)));
  return argmax(expand_dims(logits, -2) + gumbel);
}

Tensor random_permutation(std::int64_t count, const RandomKey& key) {
  if (count < 0)
    throw Error(fmt::format("[random_permutation] {} numbers; the count must not be negative.", count));
  return argsort(random_bits({count}, key));
}

}  // namespace hekla
