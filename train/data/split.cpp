// See split.h. The order follows numpy/random/mtrand.pyx, the sizes sklearn/model_selection/_split.py.
#include "train/data/split.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>
#include <utility>

#include "graph/error.h"

namespace hekla::data {

std::vector<std::int32_t> permutation(std::int64_t count, std::uint32_t random_state) {
  if (count < 0 || count > INT32_MAX)
    throw Error(
        fmt::format("[permutation] {} examples; from 0 to {} can be put in order.", count, INT32_MAX));
  std::vector<std::int32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  // The standard specifies this generator bit for bit, and NumPy seeds it with a number in the same way.
  std::mt19937 bits(random_state);
  for (std::size_t last = order.size(); last-- > 1;) {
    const auto bound = static_cast<std::uint32_t>(last);
    const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(bound);
    std::uint32_t pick = bits() & mask;
    while (pick > bound) pick = bits() & mask;
    std::swap(order[last], order[pick]);
  }
  return order;
}

Split split_fraction(std::int64_t count, double test_size, std::uint32_t random_state) {
  if (!(test_size > 0 && test_size < 1))
    throw Error(fmt::format("[train_test_split] test_size {}; a fraction lies between 0 and 1.", test_size));
  return split_count(count, static_cast<std::int64_t>(std::ceil(test_size * static_cast<double>(count))),
                     random_state);
}

Split split_count(std::int64_t count, std::int64_t test_size, std::uint32_t random_state) {
  if (test_size <= 0 || test_size >= count)
    throw Error(fmt::format(
        "[train_test_split] {} of {} examples for the test; at least one must be left for either part.",
        test_size, count));
  const std::vector<std::int32_t> order = permutation(count, random_state);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(test_size);
  return {.train = {middle, order.end()}, .test = {order.begin(), middle}};
}

}  // namespace hekla::data
