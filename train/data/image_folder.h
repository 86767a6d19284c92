// The folder that holds the four IDX files of a data set: where it is sought and what its files must be.
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
  std::string_view reader;                   ///< what errors begin with: `[reader] ...`
  std::string_view title;                    ///< "Fashion-MNIST"
  const char* variable;                      ///< of the environment, names the folder
  std::span<const std::string_view> places;  ///< where the folder may be, in this order
  std::string_view how_to_get_it;            ///< a piece of a sentence
  /// What is wrong with the bytes of images or labels as a sentence, empty when they are the published ones.
  std::function<std::string(const LabeledImages& part, bool train)> wrong_images;
  std::function<std::string(const LabeledImages& part, bool train)> wrong_labels;
};

/// Reads and verifies the data set in `folder`, or else where the variable or one of the places says. Throws
/// hekla::Error when files are missing (saying where they were sought), damaged, or not the published ones.
ImageSets load_image_folder(const ImageFolder& kind, const std::filesystem::path& folder);

/// One of the four files, with or without .gz; throws hekla::Error `[reader] ...; advice.` when neither is
/// there.
std::filesystem::path find_image_file(std::string_view reader, const std::filesystem::path& folder,
                                      std::string_view name, std::string_view advice);

}  // namespace hekla::data
