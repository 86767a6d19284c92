// See fashion_mnist.h.
#include "train/data/fashion_mnist.h"

#include <fmt/format.h>

#include <span>
#include <string>
#include <vector>

#include "train/data/idx.h"
#include "train/data/image_folder.h"

namespace hekla::data {

namespace {

// The folders that are searched, in this order, when the user names none. Relative ones start from the
// current folder.
constexpr std::array<std::string_view, 2> known_places = {
    "/usr/share/datasets/fashion-mnist",  // the Debian package dataset-fashion-mnist
    "data/fashion-mnist",
};

constexpr std::string_view how_to_get_it =
    "install the Debian package dataset-fashion-mnist, or name a folder (--data, HEKLA_DATA) that holds "
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, "
    "each with or without .gz";

// The CRC-32 of each uncompressed file, which `gzip -lv` shows, too. The published MD5 sums are of the
// compressed files, so they depend on the name and the time in the gzip header. Debian's package, for one,
// omits these. With them put back, the files from which the numbers below were taken have the published sums
// (8d4fb7e6c68d591d4c3dfef9ec88bf0d, 25c81989df183df01b3e8a0aad5dffbe, bef4ecab320f06d8554ea6380940ec79,
// bb300cfdad3c16e7a12a480ee83cd310).
struct Checksums {
  std::uint32_t images;
  std::uint32_t labels;
};
constexpr Checksums train_checksums = {0xb4f29f28, 0x741a4657};
constexpr Checksums test_checksums = {0x678fe0b1, 0x80142c1f};

std::string compare(std::uint32_t found, std::uint32_t expected) {
  if (found == expected) return {};
  return fmt::format("its CRC-32, unpacked, is {:08x} and {:08x} is expected", found, expected);
}

std::string wrong_images(const LabeledImages& part, bool train) {
  return compare(idx_checksum({part.count, part.height, part.width}, part.images),
                 (train ? train_checksums : test_checksums).images);
}

std::string wrong_labels(const LabeledImages& part, bool train) {
  return compare(idx_checksum({part.count}, part.labels), (train ? train_checksums : test_checksums).labels);
}

}  // namespace

ImageSets load_fashion_mnist_files(const std::filesystem::path& folder) {
  return load_image_folder({.reader = "fashion_mnist",
                            .title = "Fashion-MNIST",
                            .variable = "HEKLA_DATA",
                            .places = known_places,
                            .how_to_get_it = how_to_get_it,
                            .wrong_images = wrong_images,
                            .wrong_labels = wrong_labels},
                           folder);
}

TrainTest fashion_mnist(const std::filesystem::path& folder) {
  const ImageSets sets = load_fashion_mnist_files(folder);
  return {.train = dataset_of(sets.train), .test = dataset_of(sets.test)};
}

}  // namespace hekla::data
