// See image_file.h.
#include "train/data/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <vector>

#include "graph/error.h"

// The decoders are compiled into this file alone, so that a program may bring its own copy of them.
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#include <stb_image.h>

namespace hekla::data {

namespace {

std::ifstream opened(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot be opened");
  return file;
}

// How the decoders read a std::ifstream.
constexpr stbi_io_callbacks reading_file{
    .read =
        [](void* file, char* to, int size) {
          auto& stream = *static_cast<std::ifstream*>(file);
          stream.read(to, size);
          return static_cast<int>(stream.gcount());
        },
    .skip = [](void* file, int size) { static_cast<std::ifstream*>(file)->seekg(size, std::ios::cur); },
    .eof = [](void* file) { return static_cast<int>(!static_cast<std::ifstream*>(file)->good()); }};

[[noreturn]] void throw_reason() {
  throw Error(fmt::format("is no image that can be read ({})", stbi_failure_reason()));
}

// A part of an axis of pixels.
struct Extent {
  std::int64_t start, size;
};

// What of an axis is left when images get other proportions, as Keras's smart_resize crops.
Extent cropped(std::int64_t size, std::int64_t other_size, std::int64_t new_size,
               std::int64_t new_other_size) {
  const std::int64_t left = std::clamp<std::int64_t>(other_size * new_size / new_other_size, 1, size);
  return {(size - left) / 2, left};
}

// What a pixel of the result is made of along an axis: (1 - share) * pixel `first` + share * pixel `second`.
struct Place {
  std::int64_t first, second;
  float share;
};

std::vector<Place> places(const Extent& from, std::int64_t size, bool is_nearest) {
  std::vector<Place> all;
  const auto scale = static_cast<float>(from.size) / static_cast<float>(size);
  const auto inside = [&](float position) {
    return from.start + std::clamp(static_cast<std::int64_t>(position), std::int64_t{0}, from.size - 1);
  };
  for (std::int64_t i = 0; i < size; ++i) {
    const float center = (static_cast<float>(i) + 0.5F) * scale;
    const float position = std::max(center - 0.5F, 0.0F), before = std::floor(position);
    if (is_nearest)
      all.push_back({inside(center), inside(center), 0});
    else
      all.push_back({inside(before), inside(before + 1), position - before});
  }
  return all;
}

}  // namespace

void check_image(const std::filesystem::path& path) {
  std::ifstream file = opened(path);
  int width = 0, height = 0, channels = 0;
  if (!stbi_info_from_callbacks(&reading_file, &file, &width, &height, &channels)) throw_reason();
}

void read_image(const std::filesystem::path& path, const ImageReading& reading, std::span<std::uint8_t> to) {
  std::ifstream file = opened(path);
  int width = 0, height = 0, channels_in_file = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> decoded(
      stbi_load_from_callbacks(&reading_file, &file, &width, &height, &channels_in_file, reading.channels),
      stbi_image_free);
  if (!decoded) throw_reason();

  const ImageSize& size = reading.size;
  const Extent all_rows{0, height}, all_columns{0, width};
  const std::vector<Place> rows =
      places(reading.is_cropped ? cropped(height, width, size.height, size.width) : all_rows, size.height,
             reading.is_nearest);
  const std::vector<Place> columns =
      places(reading.is_cropped ? cropped(width, height, size.width, size.height) : all_columns, size.width,
             reading.is_nearest);
  auto next = to.begin();
  for (const Place& row : rows) {
    for (const Place& column : columns) {
      for (int channel = 0; channel < reading.channels; ++channel) {
        const auto pixel = [&](std::int64_t y, std::int64_t x) {
          return static_cast<float>(decoded.get()[(y * width + x) * reading.channels + channel]);
        };
        const auto between = [](float a, float b, float share) { return a + (b - a) * share; };
        const float above =
            between(pixel(row.first, column.first), pixel(row.first, column.second), column.share);
        const float below =
            between(pixel(row.second, column.first), pixel(row.second, column.second), column.share);
        *next++ = static_cast<std::uint8_t>(std::lround(between(above, below, row.share)));
      }
    }
  }
}

}  // namespace hekla::data
