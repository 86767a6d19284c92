// Splits a data set in two as scikit-learn does: the same examples in the same order.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "graph/tensor.h"

namespace hekla::data {

/// The numbers 0 to count-1 in the order of np.random.RandomState(random_state).permutation(count). Throws
/// hekla::Error when count is negative or beyond 2^31 - 1.
std::vector<std::int32_t> permutation(std::int64_t count, std::uint32_t random_state);

/// Which examples belong to which part.
struct Split {
  std::vector<std::int32_t> train;
  std::vector<std::int32_t> test;
};

/// The split of `count` examples that sklearn.model_selection.train_test_split makes for a fractional
/// test_size: the first ceil(test_size * count) of the permutation are for the test, the others for training.
/// Throws hekla::Error unless the fraction lies between 0 and 1 and leaves examples for both parts.
Split split_fraction(std::int64_t count, double test_size, std::uint32_t random_state);

/// The same for a test set of `test_size` examples.
Split split_count(std::int64_t count, std::int64_t test_size, std::uint32_t random_state);

/// A test_size with a decimal point is a fraction, a whole number a number of examples:
/// `train_test_split(60000, .2, 42)` and `train_test_split(60000, 12000, 42)` are the same.
template <Number Size>
Split train_test_split(std::int64_t count, Size test_size, std::uint32_t random_state) {
  static_assert(!std::is_same_v<Size, float>, "the float nearest to .2 is more than .2: write a double");
  if constexpr (std::floating_point<Size>)
    return split_fraction(count, test_size, random_state);
  else
    return split_count(count, static_cast<std::int64_t>(test_size), random_state);
}

}  // namespace hekla::data
