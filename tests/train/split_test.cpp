// Splitting data sets as NumPy and scikit-learn do.
#include "train/data/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/train/idx_bytes.h"
#include "train/data/fashion_mnist.h"

using namespace hekla::data;
using hekla::test::error_of;

namespace {

using Order = std::vector<std::int32_t>;

Order counted(std::int32_t count) {
  Order order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

TEST_CASE("train_test_split: the generator is the one of the standard") {
  std::mt19937 bits;
  bits.discard(9999);
  CHECK(bits() == 4123659995u);
}

TEST_CASE("train_test_split: NumPy's permutations") {
  CHECK(permutation(10, 42) == Order{8, 1, 5, 0, 7, 2, 9, 4, 3, 6});
  CHECK(permutation(20, 0u) == Order{18, 1, 19, 8, 10, 17, 6, 13, 4, 2, 5, 14, 9, 7, 16, 11, 3, 0, 15, 12});
  CHECK(permutation(17, 4294967295u) == Order{8, 1, 5, 14, 10, 15, 16, 13, 11, 9, 6, 0, 4, 7, 12, 2, 3});
  CHECK(permutation(9, 1234u) == Order{8, 2, 1, 0, 7, 4, 5, 6, 3});
  CHECK(permutation(0, 1).empty());
  CHECK(permutation(1, 1) == Order{0});
  Order order = permutation(70'000, 7);
  CHECK(!std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  CHECK(order == counted(70'000));
}

TEST_CASE("train_test_split: scikit-learn's parts") {
  const Split quarter = train_test_split(10, .25, 0);
  CHECK(quarter.train == Order{9, 1, 6, 7, 3, 0, 5});
  CHECK(quarter.test == Order{2, 8, 4});
  CHECK(train_test_split(10, 3, 0).test == quarter.test);
  CHECK(train_test_split(10, 3, 0).train == quarter.train);
  CHECK(train_test_split(10, .21, 0).test.size() == 3);  // rounded up
}

TEST_CASE("train_test_split: the training part of Fashion-MNIST") {
  const LabeledImages all = load_fashion_mnist_files().train;
  const Split split = train_test_split(all.count, .2, 42);
  CHECK(split.test.size() == 12'000);
  CHECK(split.train.size() == 48'000);
  std::vector<int> labels;
  for (std::size_t i = 0; i < 10; ++i) labels.push_back(all.labels[static_cast<std::size_t>(split.train[i])]);
  CHECK(labels == std::vector{7, 3, 5, 8, 6, 9, 3, 3, 9, 9});
  Order order = split.train;
  order.insert(order.end(), split.test.begin(), split.test.end());
  std::sort(order.begin(), order.end());
  CHECK(order == counted(60'000));
}

TEST_CASE("train_test_split: sizes that leave a part empty") {
  const auto refused = [](std::int64_t count, auto size) {
    return error_of([&] { train_test_split(count, size, 0); });
  };
  CHECK(refused(10, 1.0) == "[train_test_split] test_size 1; a fraction lies between 0 and 1.");
  CHECK(refused(10, 0.0) == "[train_test_split] test_size 0; a fraction lies between 0 and 1.");
  CHECK(refused(10, std::nan("")) == "[train_test_split] test_size nan; a fraction lies between 0 and 1.");
  CHECK(refused(10, 10) ==
        "[train_test_split] 10 of 10 examples for the test; at least one must be left for either part.");
  CHECK(refused(10, 0) ==
        "[train_test_split] 0 of 10 examples for the test; at least one must be left for either part.");
  CHECK(refused(1, .5) ==
        "[train_test_split] 1 of 1 examples for the test; at least one must be left for either part.");
  CHECK(error_of([] { permutation(-1, 0); }) ==
        "[permutation] -1 examples; from 0 to 2147483647 can be put in order.");
}
