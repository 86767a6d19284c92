// The order of an epoch: a permutation, pinned to the number, fair.
#include "train/shuffle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

using hekla::data::shuffled_order;

namespace {

using Order = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("shuffle: the order is the same on every machine") {
  CHECK(shuffled_order(10, 42, 1) == Order{3, 8, 9, 4, 7, 2, 1, 0, 5, 6});
  CHECK(shuffled_order(10, 42, 2) == Order{5, 0, 2, 7, 3, 1, 6, 8, 4, 9});
  CHECK(shuffled_order(10, 43, 1) == Order{6, 4, 2, 9, 8, 0, 3, 7, 1, 5});
  // The upper half of a seed counts too.
  CHECK(shuffled_order(10, 42 + (std::uint64_t{1} << 32), 1) != shuffled_order(10, 42, 1));
}

TEST_CASE("shuffle: every number appears once") {
  CHECK(shuffled_order(0, 1, 1).empty());
  CHECK(shuffled_order(1, 1, 1) == Order{0});
  Order order = shuffled_order(60000, 7, 3);
  std::sort(order.begin(), order.end());
  Order expected(60000);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(order == expected);
}

TEST_CASE("shuffle: every order is equally likely") {
  std::map<Order, int> seen;
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) ++seen[shuffled_order(3, 5, epoch)];
  CHECK(seen.size() == 6);
  // 1000 expected of each, with a standard deviation of 29.
  for (const auto& [order, times] : seen) CHECK(std::abs(times - 1000) < 150);
}
