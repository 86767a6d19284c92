// The permutation of an epoch.
#include "train/data/shuffle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/support/devices.h"
#include "tests/support/expect.h"

using namespace hekla;
using namespace hekla::testing;

TEST_CASE("shuffle: every example once, another order for another key, the same on every device") {
  reference();
  for (const std::int64_t count : {1, 2, 3, 7, 1000}) {
    const auto order = [&](std::uint32_t seed) {
      return shuffled_positions(count, random_key(seed)).to_vector<std::int64_t>();
    };
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    std::vector<std::int64_t> sorted = order(1);
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == numbers);
    if (count == 1000) CHECK(order(1) != order(2));
    if (count != 1000 || !device()) continue;
    const std::vector<std::int64_t> expected = order(3);
    set_default_device(device());
    CHECK(order(3) == expected);
    set_default_device(reference());
  }
}

TEST_CASE("shuffle: places are as likely as each other, and neighbours do not stay together") {
  reference();
  constexpr std::int64_t count = 500, orders = 100, parts = 10;
  std::vector<double> seen(parts * parts);
  double neighbours = 0;
  for (std::uint32_t seed = 0; seed < orders; ++seed) {
    const auto order = shuffled_positions(count, random_key(seed)).to_vector<double>();
    const double middle = (count - 1) / 2.0, variance = (count * count - 1) / 12.0;
    double together = 0;
    for (std::size_t i = 0; i < count; ++i) {
      seen[i * parts / count * parts + static_cast<std::size_t>(order[i]) * parts / count] += 1;
      if (i > 0) together += (order[i] - middle) * (order[i - 1] - middle) / variance;
    }
    neighbours += together * together / count / orders;
  }
  // Chi squared of 81 degrees of freedom lies between 40 and 140 but for one time in ten thousand; the other
  // is 1 +- 0.14 for permutations drawn with equal probability.
  double chi_squared = 0;
  const double expected = static_cast<double>(orders * count) / (parts * parts);
  for (const double number : seen) chi_squared += (number - expected) * (number - expected) / expected;
  CHECK(chi_squared > 40);
  CHECK(chi_squared < 140);
  CHECK(neighbours > 0.5);
  CHECK(neighbours < 1.6);
}

TEST_CASE("shuffle: how many examples there can be") {
  CHECK(error_of([] { shuffled_positions(0, random_key(1)); }) ==
        "[shuffle] 0 examples; from 1 to 2^31 - 1 can be put in order.");
}
