// The Fashion-MNIST data set (Xiao, Rasul, Vollgraf 2017): 70,000 grey images of clothes in ten classes.
// Start with load_fashion_mnist_files; it finds the four IDX files and checks that they belong together.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace hekla::data {

struct LabeledImages {
  std::vector<std::uint8_t> images;  // [count, height, width]
  std::vector<std::uint8_t> labels;  // [count]
  std::int64_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

struct Dataset {
  LabeledImages train;
  LabeledImages test;
};

/// What the labels 0 to 9 stand for.
inline constexpr std::array<std::string_view, 10> fashion_mnist_classes = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

/// Reads the training and the test set from a folder holding the four IDX files, gzipped or unpacked.
/// The folder is `folder` or else the environment variable HEKLA_DATA; when neither is given, the first that
/// exists of the places where the data is known to be. Throws hekla::Error when files are missing (saying
/// where they were sought), damaged, or do not fit each other.
Dataset load_fashion_mnist_files(const std::filesystem::path& folder = {});

/// Reads one pair of IDX files, `[count, height, width]` images and `[count]` labels below `class_count`.
/// Throws hekla::Error when one of these does not hold, naming the first wrong label.
LabeledImages load_labeled_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                  std::int64_t class_count);

}  // namespace hekla::data
