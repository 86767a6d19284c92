// An image file, decoded and resized on the host.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "train/data/image_directory.h"

namespace hekla::data {

/// How images are read.
struct ImageReading {
  ImageSize size;
  int channels = 3;
  bool is_nearest = false;  ///< otherwise bilinear
  bool is_cropped = false;  ///< to the proportions of `size`
};

/// Throws hekla::Error, without a prefix, when the file cannot be read or does not begin as an image does.
void check_image(const std::filesystem::path& path);

/// Decodes a file and writes its pixels to `to`, [height, width, channels]. Throws hekla::Error, without a prefix, when
/// it cannot be read or decoded.
void read_image(const std::filesystem::path& path, const ImageReading& reading, std::span<std::uint8_t> to);

}  // namespace hekla::data
