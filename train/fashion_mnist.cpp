// See fashion_mnist.h.
#include "train/fashion_mnist.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "graph/error.h"
#include "train/idx.h"

namespace hekla::data {

namespace {

constexpr std::int64_t side = 28;

// Where the data is sought when the user names no folder, in this order; relative ones from the current
// folder.
constexpr std::array<std::string_view, 2> known_places = {
    "/usr/share/datasets/fashion-mnist",  // the Debian package dataset-fashion-mnist
    "data/fashion-mnist",
};

constexpr std::string_view how_to_get_it =
    "install the Debian package dataset-fashion-mnist, or name a folder (--data, HEKLA_DATA) that holds "
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, "
    "each with or without .gz";

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::filesystem::path find_file(const std::filesystem::path& folder, std::string_view name) {
  const auto plain = folder / name;
  if (is_there(plain)) return plain;
  const auto packed = folder / (std::string(name) + ".gz");
  if (is_there(packed)) return packed;
  throw Error(fmt::format("[fashion_mnist] {} holds neither {} nor {}.gz; {}.", folder.string(), name, name,
                          how_to_get_it));
}

std::filesystem::path find_folder(const std::filesystem::path& asked) {
  if (!asked.empty()) {
    if (!is_there(asked))
      throw Error(fmt::format("[fashion_mnist] there is no folder {}; {}.", asked.string(), how_to_get_it));
    return asked;
  }
  // An empty variable counts as none, as it does in most programs.
  if (const char* variable = std::getenv("HEKLA_DATA"); variable != nullptr && *variable != '\0') {
    if (!is_there(variable))
      throw Error(fmt::format("[fashion_mnist] there is no folder {}, which HEKLA_DATA names; {}.", variable,
                              how_to_get_it));
    return variable;
  }
  for (const auto place : known_places)
    if (is_there(place)) return place;
  throw Error(fmt::format("[fashion_mnist] the data was not found; sought in {}; {}.",
                          fmt::join(known_places, ", "), how_to_get_it));
}

LabeledImages load_part(const std::filesystem::path& folder, std::string_view part) {
  const auto images = find_file(folder, fmt::format("{}-images-idx3-ubyte", part));
  const auto labels = find_file(folder, fmt::format("{}-labels-idx1-ubyte", part));
  LabeledImages result = load_labeled_images(images, labels, fashion_mnist_classes.size());
  if (result.height != side || result.width != side)
    throw Error(fmt::format("[fashion_mnist] {}: images are {} x {}; those of Fashion-MNIST are {} x {}.",
                            images.string(), result.height, result.width, side, side));
  return result;
}

}  // namespace

LabeledImages load_labeled_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                  std::int64_t class_count) {
  IdxFile pixels = read_idx(images);
  IdxFile classes = read_idx(labels);
  if (pixels.shape.size() != 3)
    throw Error(
        fmt::format("[labeled_images] {}: shape is [{}]; images have three axes [count,height,width].",
                    images.string(), fmt::join(pixels.shape, ",")));
  if (classes.shape.size() != 1)
    throw Error(fmt::format("[labeled_images] {}: shape is [{}]; labels have one axis [count].",
                            labels.string(), fmt::join(classes.shape, ",")));
  if (pixels.shape[0] != classes.shape[0])
    throw Error(fmt::format(
        "[labeled_images] {} holds {} images and {} holds {} labels; every image needs one label.",
        images.string(), pixels.shape[0], labels.string(), classes.shape[0]));
  if (pixels.bytes.empty())
    throw Error(fmt::format("[labeled_images] {}: shape is [{}]; at least one image is needed.",
                            images.string(), fmt::join(pixels.shape, ",")));
  for (std::size_t i = 0; i < classes.bytes.size(); ++i)
    if (classes.bytes[i] >= class_count)
      throw Error(fmt::format("[labeled_images] {}: label {} is {}; labels go from 0 to {}.", labels.string(),
                              i, classes.bytes[i], class_count - 1));
  return {.images = std::move(pixels.bytes),
          .labels = std::move(classes.bytes),
          .count = pixels.shape[0],
          .height = pixels.shape[1],
          .width = pixels.shape[2]};
}

Dataset load_fashion_mnist_files(const std::filesystem::path& folder) {
  const auto place = find_folder(folder);
  return {.train = load_part(place, "train"), .test = load_part(place, "t10k")};
}

}  // namespace hekla::data
