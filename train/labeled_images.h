// Grey images with a class each, as the MNIST family of data sets holds them: four IDX files in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
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

/// Reads one pair of IDX files, `[count, height, width]` images and `[count]` labels below `class_count`.
/// Throws hekla::Error when one of these does not hold, naming the first wrong label.
LabeledImages load_labeled_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                  std::int64_t class_count);

/// Reads a data set of your own from a folder with the files train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without .gz.
/// Throws hekla::Error as load_labeled_images does, or naming the file that is missing.
Dataset load_labeled_images_folder(const std::filesystem::path& folder, std::int64_t class_count);

}  // namespace hekla::data
