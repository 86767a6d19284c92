// Images in folders, one for each class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/data/dataset.h"

namespace hekla {

/// The height and width of images in pixels.
struct ImageSize {
  std::int64_t height = 256, width = 256;
};

/// What image_dataset_from_directory takes, with Keras's names and defaults.
struct ImageDirectoryOptions {
  ImageSize image_size = {};
  std::string color_mode = "rgb";          ///< "grayscale", "rgb" or "rgba": 1, 3 or 4 channels
  std::string interpolation = "bilinear";  ///< or "nearest"
  bool crop_to_aspect_ratio = false;  ///< what the new proportions leave out is cut off, evenly at both ends
  std::string label_mode = "int";     ///< "int": i32 [n]; "categorical": f32 [n, classes]; "none": no targets
  std::vector<std::string> class_names = {};  ///< folders, in the order of the labels; none: all, sorted
  bool shuffle = true;                        ///< the order of the files; otherwise sorted by class and path
  std::uint32_t seed = 0;                     ///< of the order; the same for both parts of a split
  double validation_split = 0;  ///< the fraction of the files, at the end, that is for validation
  std::string subset = {};      ///< with validation_split: "training" or "validation"
  /// Where given, files are read during the training, batch by batch and in another thread, in another order each time:
  /// for images that do not fit into memory.
  std::optional<std::int64_t> batch_size = {};
};

/// A data set of images, read from folders.
struct ImageDirectory {
  Dataset dataset;
  std::vector<std::string> class_names;
  std::vector<std::filesystem::path> file_paths;  ///< in the order of the examples
};

/// Reads the images (PNG, JPEG, BMP, the first frame of GIF) in the folders of `directory` and in folders inside of those.
/// A folder is a class; hidden ones are left out. Images are resized to image_size, interpolated between the centers of
/// their pixels and not smoothed, and kept as bytes, u8 [n, height, width, channels]: Keras's numbers, rounded. With the
/// same seed, order and split are Keras's. Throws hekla::Error on contradicting options, on a folder without images, on
/// images beyond 2^31 - 1 bytes without batch_size, and naming all files that cannot be read.
/// (keras.utils.image_dataset_from_directory.)
///
///     auto train = hk::image_dataset_from_directory("flowers", {.validation_split = 0.2, .subset = "training"});
///     auto data = train.dataset.map(hk::Rescaling(1.0 / 255));
ImageDirectory image_dataset_from_directory(const std::filesystem::path& directory,
                                            const ImageDirectoryOptions& options = {});

}  // namespace hekla
