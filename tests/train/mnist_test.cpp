// The MNIST loader. The real data is not available: images made here have its known sums.
#include "train/data/mnist.h"

#include <doctest/doctest.h>

#include <array>

#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"

using namespace hekla::test;
using namespace hekla::data;

namespace {

// Pixels with these sums: many of two values, a few others for the remainder, and ones at the end.
Bytes pixels(std::size_t count, std::int64_t sum, std::int64_t squares) {
  Bytes bytes;
  const auto add = [&](std::int64_t times, std::int64_t value) {
    bytes.insert(bytes.end(), static_cast<std::size_t>(times), static_cast<std::uint8_t>(value));
    sum -= times * value;
    squares -= times * value * value;
  };
  const std::int64_t bright = (squares - 64 * sum) / (255 * (255 - 64));
  add(bright - 100, 255);
  add(sum / 64 - 1000, 64);
  // Pixels of 1 add equally to both sums, so the difference of the sums is made of a few v * (v - 1).
  for (std::int64_t v = 255; v > 1; --v) add((squares - sum) / (v * (v - 1)), v);
  REQUIRE(sum == squares);
  add(sum, 1);
  REQUIRE(bytes.size() <= count);
  bytes.resize(count);
  return bytes;
}

Bytes labels(const std::array<int, 10>& digits) {
  Bytes bytes;
  for (std::size_t digit = 0; digit < 10; ++digit)
    bytes.insert(bytes.end(), static_cast<std::size_t>(digits[digit]), static_cast<std::uint8_t>(digit));
  return bytes;
}

}  // namespace

TEST_CASE("mnist: what has the known sums is taken, what has others is refused") {
  const TemporaryFolder folder;
  std::array<int, 10> digits = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
  folder.write("train-images-idx3-ubyte",
               idx_bytes({60'000, 28, 28}, pixels(60'000 * 784, 1567298545, 342590800147)));
  folder.write("train-labels-idx1-ubyte", idx_bytes({60'000}, labels(digits)));
  Bytes images = pixels(10'000 * 784, 264923200, 58095386156);
  folder.write("t10k-images-idx3-ubyte", idx_bytes({10'000, 28, 28}, images));
  digits = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
  folder.write("t10k-labels-idx1-ubyte.gz", gzip(idx_bytes({10'000}, labels(digits))));
  CHECK(load_mnist_files(folder.path()).test.count == 10'000);

  ++digits[0];
  --digits[9];
  folder.write("t10k-labels-idx1-ubyte", idx_bytes({10'000}, labels(digits)));
  CHECK(contains(
      error_of([&] { load_mnist_files(folder.path()); }),
      "t10k-labels-idx1-ubyte: it holds 981, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1008 of the "
      "digits 0 to 9, and 980, 1135,"));
  images[0] ^= 1;
  folder.write("t10k-images-idx3-ubyte", idx_bytes({10'000, 28, 28}, images));
  CHECK(contains(
      error_of([&] { load_mnist_files(folder.path()); }),
      "t10k-images-idx3-ubyte: its pixels and their squares add up to 264923199 and 58095385647, and "
      "264923200 and 58095386156 are expected; it is not that of MNIST or is damaged."));
}

TEST_CASE("mnist: no folder") {
  CHECK(contains(error_of([] { load_mnist_files("/no/such"); }),
                 "[mnist] there is no folder /no/such; name a folder (HEKLA_MNIST) that holds"));
}
