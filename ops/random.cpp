// The Philox generator as an elementwise operation on (seed, stream, position).
#include "ops/random.h"

#include <array>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

double philox(std::span<const double> x, DType) {
  std::uint32_t key0 = static_cast<std::uint32_t>(x[0]);
  std::uint32_t key1 = static_cast<std::uint32_t>(x[1]);
  const auto position = static_cast<std::uint32_t>(x[2]);
  std::array<std::uint32_t, 4> c = {position / 4, 0, 0, 0};
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(product1 >> 32) ^ c[1] ^ key0, static_cast<std::uint32_t>(product1),
         static_cast<std::uint32_t>(product0 >> 32) ^ c[3] ^ key1, static_cast<std::uint32_t>(product0)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return c[position % 4];
}

Tensor as_u32(const Tensor& x) {
  return is_literal(x) ? constant(x.node().attributes.number, {}, DType::u32) : x;
}

}  // namespace

const Op random_bits_op{.name = "random_bits",
                        .kind = Kind::elementwise,
                        .arity = 3,
                        .infer = [](const Node& node) -> Meta { return same_as_operands(node); },
                        .glsl = "hk_philox({0}, {1}, {2})",
                        .glsl_functions = R"(uint hk_philox(uint key0, uint key1, uint position) {
  uvec4 c = uvec4(position / 4u, 0u, 0u, 0u);
  for (int round = 0; round < 10; ++round) {
    uint high0, low0, high1, low1;
    umulExtended(0xD2511F53u, c.x, high0, low0);
    umulExtended(0xCD9E8D57u, c.z, high1, low1);
    c = uvec4(high1 ^ c.y ^ key0, low1, high0 ^ c.w ^ key1, low0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  uint word = position % 4u;
  return word == 0u ? c.x : word == 1u ? c.y : word == 2u ? c.z : c.w;
}
)",
                        .eval = philox,
                        .cost = 100};

RandomKey random_key(std::uint32_t seed, std::uint32_t stream) {
  return {constant(seed, {}, DType::u32), constant(stream, {}, DType::u32)};
}

Tensor random_bits(const Shape& shape, const RandomKey& key) {
  const Tensor position = reshape(iota(Shape{shape.count()}, 0, DType::u32), shape);
  return apply(random_bits_op,
               {broadcast_to(as_u32(key.seed), shape), broadcast_to(as_u32(key.stream), shape), position});
}

Tensor random_uniform(const Shape& shape, const RandomKey& key, double low, double high) {
  // 256 keeps the 24 bits that an f32 holds exactly, so the fraction never rounds up to 1.
  const Tensor fraction = cast(random_bits(shape, key) / 256, DType::f32) * (1.0 / 16777216.0);
  return fraction * (high - low) + low;
}

}  // namespace hekla
