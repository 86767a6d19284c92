// The folder with the four IDX files of a data set: where it is searched for, and how its files are verified.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "train/data/labeled_images.h"

namespace hekla::data {

/// A data set of the MNIST family: 60,000 and 10,000 images of 28 x 28 in ten classes.
struct ImageFolder {
  std::string_view reader;                   ///< opens the error texts: `[reader] ...`
  std::string_view title;                    ///< "Fashion-MNIST"
  const char* variable;                      ///< the environment variable that names the folder
  std::span<const std::string_view> places;  ///< candidate folders, in this order
  std::string_view how_to_get_it;            ///< a clause for an error text
  /// What is wrong with the bytes of images or labels, as a sentence; empty when they are the published ones.
  std::function<std::string(const LabeledImages& part, bool train)> wrong_images;
  std::function<std::string(const LabeledImages& part, bool train)> wrong_labels;
};

/// Reads and verifies the data set in `folder`, or else in the folder that the variable or one of the places
/// names. Throws hekla::Error when files are missing (listing the places searched), damaged, or not the
/// published ones.
ImageSets load_image_folder(const ImageFolder& kind, const std::filesystem::path& folder);

/// The path of one of the four files, with or without .gz. Throws hekla::Error `[reader] ...; advice.` when
/// neither exists.
std::filesystem::path find_image_file(std::string_view reader, const std::filesystem::path& folder,
                                      std::string_view name, std::string_view advice);

}  // namespace hekla::data
