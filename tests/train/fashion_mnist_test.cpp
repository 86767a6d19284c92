// The Fashion-MNIST loader: on small folders made here, and the known facts of the real data.
#include "train/data/fashion_mnist.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "tests/train/idx_bytes.h"
#include "tests/train/temporary_folder.h"

using namespace hekla::test;
using namespace hekla::data;

namespace {

// A folder with a data set of `train` and `test` images, image i filled with the value i and labelled i % 10.
struct SmallDataset {
  TemporaryFolder folder;

  SmallDataset(std::uint32_t train, std::uint32_t test) {
    write_part("train", train);
    write_part("t10k", test);
  }

  void write_part(const std::string& part, std::uint32_t count) const {
    Bytes images;
    Bytes labels;
    for (std::uint32_t i = 0; i < count; ++i) {
      images.insert(images.end(), 28 * 28, static_cast<std::uint8_t>(i));
      labels.push_back(static_cast<std::uint8_t>(i % 10));
    }
    folder.write(part + "-images-idx3-ubyte.gz", gzip(idx_bytes({count, 28, 28}, images)));
    folder.write(part + "-labels-idx1-ubyte", idx_bytes({count}, labels));
  }

  std::string error() const {
    return error_of([this] { load_fashion_mnist_files(folder.path()); });
  }
};

// The scope of a value of HEKLA_DATA.
struct DataVariable {
  std::optional<std::string> before;

  explicit DataVariable(const std::string& value) {
    if (const char* old = std::getenv("HEKLA_DATA")) before = old;
    set(value);
  }
  ~DataVariable() { set(before.value_or("")); }

  static void set(const std::string& value) {
#if defined(_WIN32)
    _putenv_s("HEKLA_DATA", value.c_str());
#else
    setenv("HEKLA_DATA", value.c_str(), 1);
#endif
  }
};

}  // namespace

TEST_CASE("fashion_mnist: gzipped and unpacked files may be mixed") {
  const SmallDataset small(12, 3);
  const ImageSets data = load_labeled_images_folder(small.folder.path(), 10);
  CHECK(data.train.count == 12);
  CHECK(data.test.count == 3);
  CHECK(data.train.height == 28);
  CHECK(data.train.width == 28);
  CHECK(data.train.images.size() == 12 * 784);
  CHECK(data.train.images[11 * 784] == 11);
  CHECK(data.train.labels[11] == 1);
}

TEST_CASE("fashion_mnist: HEKLA_DATA names the folder, an argument goes before it") {
  const SmallDataset named(4, 1);
  const SmallDataset other(5, 1);
  const DataVariable variable(named.folder.path().string());
  const auto found = [](const std::string& path, int count) {
    return fmt::format(
        "[fashion_mnist] {}/train-images-idx3-ubyte.gz: holds {} images and 60000 are expected", path, count);
  };
  CHECK(contains(error_of([] { load_fashion_mnist_files(); }), found(named.folder.path().string(), 4)));
  CHECK(contains(other.error(), found(other.folder.path().string(), 5)));
}

TEST_CASE("fashion_mnist: a missing folder or file says which and how to get it") {
  const TemporaryFolder empty;
  const auto absent = (empty.path() / "absent").string();
  const std::string no_folder = error_of([&] { load_fashion_mnist_files(absent); });
  CHECK(contains(no_folder, "[fashion_mnist] there is no folder " + absent));
  CHECK(contains(no_folder, "install the Debian package dataset-fashion-mnist"));
  CHECK(contains(
      error_of([&] { load_fashion_mnist_files(empty.path()); }),
      empty.path().string() + " holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz"));
  const DataVariable variable(absent);
  CHECK(contains(error_of([] { load_fashion_mnist_files(); }), absent + ", which HEKLA_DATA names"));
}

TEST_CASE("fashion_mnist: files that do not belong together") {
  const SmallDataset small(12, 3);
  const auto& folder = small.folder;
  folder.write("train-labels-idx1-ubyte", idx_bytes({11}, Bytes(11)));
  CHECK(contains(small.error(), "holds 12 images and"));
  CHECK(contains(small.error(), "holds 11 labels; every image needs one label."));
  Bytes labels(12, 9);
  labels[7] = 10;
  labels[8] = 200;
  folder.write("train-labels-idx1-ubyte", idx_bytes({12}, labels));
  CHECK(contains(small.error(), "label 7 is 10; labels go from 0 to 9."));
  folder.write("train-labels-idx1-ubyte", idx_bytes({4, 3}, Bytes(12)));
  CHECK(contains(small.error(), "shape is [4,3]; labels have one axis [count]."));
  folder.write("train-labels-idx1-ubyte", idx_bytes({12}, Bytes(12)));
  CHECK(contains(small.error(), "holds 12 images and 60000 are expected"));
}

TEST_CASE("fashion_mnist: images of another shape") {
  const SmallDataset small(2, 1);
  small.write_part("train", 0);
  CHECK(contains(small.error(), "shape is [0,28,28]; at least one image is needed."));
  small.write_part("train", 2);
  small.folder.write("train-images-idx3-ubyte", idx_bytes({2, 27, 28}, Bytes(2 * 27 * 28)));
  CHECK(contains(small.error(), "images are 27 x 28; those of Fashion-MNIST are 28 x 28."));
  small.folder.write("train-images-idx3-ubyte", idx_bytes({2, 784}, Bytes(2 * 784)));
  CHECK(contains(small.error(), "shape is [2,784]; images have three axes [count,height,width]."));
}

TEST_CASE("fashion_mnist: the real data") {
  const ImageSets data = load_fashion_mnist_files();
  CHECK(data.train.count == 60'000);
  CHECK(data.test.count == 10'000);
  CHECK(data.train.images.size() == 60'000 * 784);
  CHECK(data.test.images.size() == 10'000 * 784);

  constexpr std::array<int, 10> first = {9, 0, 0, 3, 0, 2, 7, 2, 5, 5};
  CHECK(std::equal(first.begin(), first.end(), data.train.labels.begin()));
  for (int label = 0; label < 10; ++label) {
    CAPTURE(label);
    CHECK(std::count(data.train.labels.begin(), data.train.labels.end(), label) == 6000);
    CHECK(std::count(data.test.labels.begin(), data.test.labels.end(), label) == 1000);
  }
  CHECK(fashion_mnist_classes[data.train.labels[0]] == "Ankle boot");
}

TEST_CASE("fashion_mnist: files that are not the published ones") {
  ImageSets data = load_fashion_mnist_files();
  // The data as uncompressed files, of which those of the test set come from the known place again.
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::vector<std::uint32_t>& shape,
                         const Bytes& bytes) { folder.write(name, idx_bytes(shape, bytes)); };
  write("train-images-idx3-ubyte", {60'000, 28, 28}, data.train.images);
  write("train-labels-idx1-ubyte", {60'000}, data.train.labels);
  write("t10k-images-idx3-ubyte", {10'000, 28, 28}, data.test.images);
  write("t10k-labels-idx1-ubyte", {10'000}, data.test.labels);
  const auto error = [&] { return error_of([&] { load_fashion_mnist_files(folder.path()); }); };
  CHECK(error().empty());
  std::swap(data.test.labels[0], data.test.labels[1]);
  write("t10k-labels-idx1-ubyte", {10'000}, data.test.labels);
  const std::string expected =
      " and 80142c1f is expected; it is not that of Fashion-MNIST or is damaged. Fetch "
      "it again, or read data of your own with load_labeled_images_folder.";
  CHECK(error().starts_with("[fashion_mnist] " + (folder.path() / "t10k-labels-idx1-ubyte").string() +
                            ": its CRC-32, unpacked, is "));
  CHECK(error().ends_with(expected));
  data.train.images[47'039'999] ^= 1;
  write("train-images-idx3-ubyte", {60'000, 28, 28}, data.train.images);
  CHECK(contains(error(), "train-images-idx3-ubyte: its CRC-32, unpacked, is "));
  CHECK(contains(error(), " and b4f29f28 is expected"));
}
