// See mnist.h. The published checksums are of the gzip files: they depend on the name and time in the gzip
// header and do not apply to uncompressed files. The content is verified by known facts instead: the class
// counts, and the mean and standard deviation of the pixels. The sums below follow exactly from these
// (33.318421449829934 and 78.56748998339798 of the training set, 33.791224489795916 and 79.17246322228644 of
// the test set).
#include "train/data/mnist.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "train/data/image_folder.h"

namespace hekla::data {

namespace {

constexpr std::array<std::string_view, 1> known_places = {"data/mnist"};

constexpr std::string_view how_to_get_it =
    "name a folder (HEKLA_MNIST) that holds train-images-idx3-ubyte, train-labels-idx1-ubyte, "
    "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without .gz";

struct Facts {
  std::uint64_t sum;      // of all pixels
  std::uint64_t squares;  // sum of their squares
  std::array<std::int64_t, 10> digits;
};

constexpr Facts train_facts = {
    1567298545, 342590800147, {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}};
constexpr Facts test_facts = {
    264923200, 58095386156, {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}};

std::string wrong_images(const LabeledImages& part, bool train) {
  const Facts& expected = train ? train_facts : test_facts;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
  for (const std::uint64_t pixel : part.images) {
    sum += pixel;
    squares += pixel * pixel;
  }
  if (sum == expected.sum && squares == expected.squares) return {};
  return fmt::format("its pixels and their squares add up to {} and {}, and {} and {} are expected", sum,
                     squares, expected.sum, expected.squares);
}

std::string wrong_labels(const LabeledImages& part, bool train) {
  const Facts& expected = train ? train_facts : test_facts;
  std::array<std::int64_t, 10> digits{};
  for (const std::uint8_t label : part.labels) ++digits[label];
  if (digits == expected.digits) return {};
  return fmt::format("it holds {} of the digits 0 to 9, and {} are expected", fmt::join(digits, ", "),
                     fmt::join(expected.digits, ", "));
}

}  // namespace

ImageSets load_mnist_files(const std::filesystem::path& folder) {
  return load_image_folder({.reader = "mnist",
                            .title = "MNIST",
                            .variable = "HEKLA_MNIST",
                            .places = known_places,
                            .how_to_get_it = how_to_get_it,
                            .wrong_images = wrong_images,
                            .wrong_labels = wrong_labels},
                           folder);
}

TrainTest mnist(const std::filesystem::path& folder) {
  const ImageSets sets = load_mnist_files(folder);
  return {.train = dataset_of(sets.train), .test = dataset_of(sets.test)};
}

}  // namespace hekla::data
