// The Fashion-MNIST data set (Xiao, Rasul, Vollgraf 2017): 70,000 grey images of clothes in ten classes.
// Start with load_fashion_mnist_files; it finds the four IDX files and checks that they are the published
// ones.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "train/data/labeled_images.h"

namespace hekla::data {

/// What the labels 0 to 9 stand for.
inline constexpr std::array<std::string_view, 10> fashion_mnist_classes = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

/// The training and the test set for a model (see dataset_of): 60,000 and 10,000 images of 28 x 28. Reads and
/// verifies the files as load_fashion_mnist_files does.
TrainTest fashion_mnist(const std::filesystem::path& folder = {});

/// Reads the training and the test set from a folder with the four IDX files, gzipped or uncompressed. The
/// folder is `folder`, or else the environment variable HEKLA_DATA, or else the first of the known places
/// that exists. Throws hekla::Error when files are missing (listing the places searched), damaged, or not the
/// published ones, which sizes and checksums show. For data of your own in such files, see
/// load_labeled_images_folder.
ImageSets load_fashion_mnist_files(const std::filesystem::path& folder = {});

}  // namespace hekla::data
