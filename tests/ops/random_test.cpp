// Philox4x32-10 against its authors' known answers, and the guarantees of random streams.
#include "ops/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/create.h"
#include "ops/view.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr std::uint32_t all_ones = 0xffffffffu;

// The four words of a block beyond the size of any tensor.
Tensor block_at(std::uint32_t block, std::uint32_t use, std::uint32_t seed, std::uint32_t stream) {
  const Shape shape{4};
  return apply(random_bits_op, {full(shape, seed, u32), full(shape, stream, u32), full(shape, block, u32),
                                arange(4, u32), full(shape, use, u32)});
}

using Words = std::array<std::uint32_t, 4>;

std::vector<double> numbers(const Words& words) { return {words.begin(), words.end()}; }

}  // namespace

TEST_SUITE("ops") {
  // The lines for philox4x32 10 in kat_vectors of Random123, its authors' library.
  TEST_CASE("philox: known answers") {
    CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox({all_ones, all_ones, all_ones, all_ones}, {all_ones, all_ones}) ==
          Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  }

  TEST_CASE("random_bits: blocks of philox") {
    expect([] { return random_bits({8}, random_key(0)); }, {8}, u32,
           {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0xf8e4cca4, 0x5cb200db, 0xb1a574eb, 0x097eff67});
    for (const std::uint32_t block : {0u, 1u, 0x243f6a88u, all_ones}) {
      for (const std::uint32_t use : {0u, 1u, 0x03707344u, all_ones}) {
        expect([&] { return block_at(block, use, 0xa4093822, 0x299f31d0); }, {4}, u32,
               numbers(philox({block, 0, 0, use}, {0xa4093822, 0x299f31d0})));
        expect([&] { return block_at(block, use, all_ones, all_ones); }, {4}, u32,
               numbers(philox({block, 0, 0, use}, {all_ones, all_ones})));
      }
    }
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
    // Within four standard deviations of the mean.
    CHECK(std::abs(mean - 0.5) < 4 * std::sqrt(1.0 / 12 / 10000));
    CHECK(std::abs(square - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / 10000));
  }
}

}  // namespace hekla::testing
