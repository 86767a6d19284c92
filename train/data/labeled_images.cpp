// See labeled_images.h.
#include "train/data/labeled_images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "train/data/idx.h"
#include "train/data/image_folder.h"
#include "train/layers/shape.h"

namespace hekla::data {

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

ImageSets load_labeled_images_folder(const std::filesystem::path& folder, std::int64_t class_count) {
  const auto load = [&](const char* part) {
    const auto find = [&](const char* kind) {
      return find_image_file("labeled_images", folder, fmt::format("{}-{}", part, kind),
                             "each of the four files must be there");
    };
    return load_labeled_images(find("images-idx3-ubyte"), find("labels-idx1-ubyte"), class_count);
  };
  return {.train = load("train"), .test = load("t10k")};
}

hekla::Dataset dataset_of(const LabeledImages& images) {
  return hekla::Dataset(tensor(images.images, {images.count, images.height, images.width}).label("images"),
                        tensor(images.labels).label("labels"))
      .map(Rescaling(1.0 / 255));
}

}  // namespace hekla::data
