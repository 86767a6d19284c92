// Philox4x32-10 against the known answers of its authors, and what the streams promise.
#include "ops/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ops/create.h"
#include "ops/nn/initialize.h"
#include "ops/view.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr std::uint32_t all_ones = 0xffffffffu;

// The words at positions that no tensor is large enough to reach.
Tensor bits_at(const std::vector<std::uint32_t>& positions, std::uint32_t seed, std::uint32_t stream) {
  const Shape shape{static_cast<std::int64_t>(positions.size())};
  return apply(random_bits_op, {full(shape, seed, u32), full(shape, stream, u32), tensor(positions)});
}

}  // namespace

TEST_SUITE("ops") {
  // Counter 0 with key 0 is the first line for philox4x32 10 in Random123's kat_vectors. Its other lines have
  // counters of four words; the answers below come from an implementation that reproduces all three lines.
  TEST_CASE("random_bits: known answers") {
    expect([] { return random_bits({8}, random_key(0)); }, {8}, u32,
           {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0xf8e4cca4, 0x5cb200db, 0xb1a574eb, 0x097eff67});
    expect([] { return random_bits({4}, random_key(all_ones, all_ones)); }, {4}, u32,
           {0x72a47709, 0x15474739, 0x9f41b01f, 0x22799a5a});
    expect(
        [] {
          return bits_at({4, 5, 6, 7}, 0xa4093822, 0x299f31d0);
        },
        {4}, u32, {0xf9a58d27, 0xa8e41926, 0xf1a18f40, 0xb3702f6b});
    expect(
        [] {
          return bits_at({all_ones - 3, all_ones - 2, all_ones - 1, all_ones}, 0xa4093822, 0x299f31d0);
        },
        {4}, u32, {0xfa31066b, 0xe3debd01, 0x922ef7f5, 0x99f2ee61});
  }

  TEST_CASE("random_bits: an element depends on its position and the key only") {
    const std::vector<double> flat = reference_values(random_bits({24}, random_key(5, 6)));
    expect([] { return random_bits({2, 3, 4}, random_key(5, 6)); }, {2, 3, 4}, u32, flat);
    expect([] { return random_bits({24}, {5, 6}); }, {24}, u32, flat);
    expect(
        [] {
          return random_bits({24}, {tensor(std::vector<std::uint32_t>{5}, {}), random_key(6).seed});
        },
        {24}, u32, flat);
    expect([] { return slice(random_bits({30}, random_key(5, 6)), {{0, 24}}); }, {24}, u32, flat);
    CHECK(reference_values(random_bits({24}, random_key(6, 6))) != flat);
    CHECK(reference_values(random_bits({24}, random_key(5, 7))) != flat);
    CHECK(reference_values(random_bits({24}, random_key(6, 5))) != flat);
  }

  TEST_CASE("random_uniform: the upper 24 bits as a fraction") {
    expect([] { return random_uniform({2}, random_key(0)); }, {2}, f32,
           {0x6627e8 / 16777216.0, 0xe169c5 / 16777216.0}, 0);
    expect([] { return random_uniform({2}, random_key(0), -1, 3); }, {2}, f32,
           {4 * (0x6627e8 / 16777216.0) - 1, 4 * (0xe169c5 / 16777216.0) - 1}, 1e-6);
    const std::vector<double> many = reference_values(random_uniform({10000}, random_key(1)));
    CHECK(*std::min_element(many.begin(), many.end()) >= 0);
    CHECK(*std::max_element(many.begin(), many.end()) < 1);
    double mean = 0, square = 0;
    for (const double x : many) {
      mean += x / 10000;
      square += x * x / 10000;
    }
    // Four standard deviations of the two means.
    CHECK(std::abs(mean - 0.5) < 4 * std::sqrt(1.0 / 12 / 10000));
    CHECK(std::abs(square - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / 10000));
  }

  TEST_CASE("glorot_uniform: the limit follows the last two axes") {
    for (const Shape& shape : {Shape{30, 70}, Shape{4, 30, 70}}) {
      const std::vector<double> weights = reference_values(glorot_uniform(shape, random_key(2)));
      const double limit = std::sqrt(6.0 / 100);
      CHECK(*std::max_element(weights.begin(), weights.end()) < limit);
      CHECK(*std::max_element(weights.begin(), weights.end()) > 0.99 * limit);
      CHECK(*std::min_element(weights.begin(), weights.end()) >= -limit);
      CHECK(*std::min_element(weights.begin(), weights.end()) < -0.99 * limit);
    }
  }
}

}  // namespace hekla::testing
