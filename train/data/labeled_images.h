// Labeled grey images, as the MNIST family of data sets stores them: four IDX files in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "train/data/dataset.h"

namespace hekla::data {

/// Images of bytes, and a class for each.
struct LabeledImages {
  std::vector<std::uint8_t> images;  // [count, height, width]
  std::vector<std::uint8_t> labels;  // [count]
  std::int64_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Training and test set.
struct ImageSets {
  LabeledImages train;
  LabeledImages test;
};

/// Training and test set, for a structured binding: auto [train, test] = data::fashion_mnist();
struct TrainTest {
  hekla::Dataset train;
  hekla::Dataset test;
};

/// The images as bytes [count, height, width] with their labels u8 [count]; a model receives batches as f32
/// from 0 to 1.
hekla::Dataset dataset_of(const LabeledImages& images);

/// Reads one pair of IDX files: `[count, height, width]` images and `[count]` labels below `class_count`.
/// Throws hekla::Error when one of these rules is broken, naming the first wrong label.
LabeledImages load_labeled_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                  std::int64_t class_count);

/// Reads a data set of your own from a folder with the files train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without .gz.
/// Throws hekla::Error as load_labeled_images does, or naming the file that is missing.
ImageSets load_labeled_images_folder(const std::filesystem::path& folder, std::int64_t class_count);

}  // namespace hekla::data
