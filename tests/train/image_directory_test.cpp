// Images in folders. Numbers and orders are Keras's: keras.ops.image.resize, and index_directory of
// keras.src.utils.dataset_utils.
#include "train/data/image_directory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/image_bytes.h"
#include "tests/train/temporary_folder.h"
#include "train/data/batches.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

// 5 x 4 pixels of 3 channels.
std::vector<std::uint8_t> picture() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 60; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 37 % 256));
  return test::png_bytes(5, 4, 3, pixels);
}

// One grey pixel.
std::vector<std::uint8_t> dot(std::uint8_t value) { return test::png_bytes(1, 1, 1, {value}); }

void write(const test::TemporaryFolder& folder, const std::string& name,
           const std::vector<std::uint8_t>& bytes) {
  std::filesystem::create_directories((folder.path() / name).parent_path());
  folder.write(name, bytes);
}

Numbers images_of(const ImageDirectory& read) { return read.dataset.inputs()[0].to_vector<double>(); }
Numbers labels_of(const ImageDirectory& read) { return read.dataset.targets()[0].to_vector<double>(); }

void check_rounded(const ImageDirectory& read, const Numbers& expected) {
  const Numbers actual = images_of(read);
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) CHECK(std::abs(actual[i] - expected[i]) <= 0.5001);
}

// Eleven images in three classes, of pixels 1 to 11 in the order of their paths.
void write_classes(const test::TemporaryFolder& folder) {
  std::uint8_t value = 0;
  for (const char* name :
       {"birds/0.png", "birds/1.png", "birds/2.png", "cats/0.png", "cats/1.png", "cats/2.png", "cats/3.png",
        "cats/more/9.PNG", "dogs/0.png", "dogs/1.png", "dogs/2.png"})
    write(folder, name, dot(++value));
  write(folder, "cats/note.txt", {1});
  write(folder, ".hidden/0.png", {1});
}

const ImageDirectoryOptions grey{.image_size = {1, 1}, .color_mode = "grayscale"};

}  // namespace

TEST_SUITE("data") {
  TEST_CASE("image_dataset_from_directory: classes, labels and Keras's order") {
    reference();
    const test::TemporaryFolder folder;
    write_classes(folder);
    ImageDirectoryOptions options = grey;
    options.shuffle = false;
    const ImageDirectory sorted = image_dataset_from_directory(folder.path(), options);
    CHECK(sorted.class_names == std::vector<std::string>{"birds", "cats", "dogs"});
    CHECK(sorted.dataset.inputs()[0].shape() == Shape{11, 1, 1, 1});
    CHECK(sorted.dataset.inputs()[0].dtype() == u8);
    CHECK(sorted.dataset.targets()[0].dtype() == i32);
    CHECK(images_of(sorted) == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(labels_of(sorted) == Numbers{0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2});

    options.shuffle = true;
    options.seed = 42;
    const Numbers order{6, 1, 10, 11, 3, 2, 9, 5, 8, 4, 7};
    const ImageDirectory shuffled = image_dataset_from_directory(folder.path(), options);
    CHECK(images_of(shuffled) == order);
    CHECK(labels_of(shuffled) == Numbers{1, 0, 2, 2, 0, 0, 2, 1, 1, 1, 1});
    CHECK(shuffled.file_paths[0].filename() == "2.png");

    options.validation_split = 0.3;
    options.subset = "training";
    CHECK(images_of(image_dataset_from_directory(folder.path(), options)) ==
          Numbers(order.begin(), order.begin() + 8));
    options.subset = "validation";
    options.label_mode = "categorical";
    const ImageDirectory validation = image_dataset_from_directory(folder.path(), options);
    CHECK(images_of(validation) == Numbers(order.begin() + 8, order.end()));
    CHECK(labels_of(validation) == Numbers{0, 1, 0, 0, 1, 0, 0, 1, 0});

    ImageDirectoryOptions two = grey;
    two.class_names = {"dogs", "birds"};
    two.label_mode = "none";
    const ImageDirectory chosen = image_dataset_from_directory(folder.path(), two);
    CHECK(chosen.dataset.size() == 6);
    CHECK(chosen.dataset.targets().empty());
  }

  TEST_CASE("image_dataset_from_directory: sizes, colors and formats") {
    reference();
    const test::TemporaryFolder folder;
    write(folder, "a/picture.png", picture());
    const auto read = [&](ImageDirectoryOptions options) {
      return image_dataset_from_directory(folder.path(), options);
    };
    const Numbers smaller{127.5,    164.5, 41.5,  115.5, 120.5, 157.5, 50.16664, 76.5,     113.5,
                          106.8333, 90.5,  127.5, 105.5, 142.5, 147.5, 104.1667, 141.1667, 167.5};
    check_rounded(read({.image_size = {2, 3}}), smaller);
    check_rounded(read({.image_size = {2, 3}, .interpolation = "nearest"}),
                  {188, 225, 6, 154, 191, 228, 9, 46, 83, 52, 89, 126, 18, 55, 92, 129, 166, 203});
    check_rounded(read({.image_size = {2, 3}, .crop_to_aspect_ratio = true}),
                  {163.8333, 200.8333, 24.5, 98.5, 135.5, 172.5, 33.16665, 70.16664, 107.1666, 138.5,
                   132.8333, 169.8333, 158.5, 67.5, 104.5, 178.5, 215.5, 39.16664});
    const Numbers larger = images_of(read({.image_size = {8, 5}}));
    CHECK(larger.size() == 120);
    CHECK(std::abs(larger[40] - 148.05) <= 0.5);
    CHECK(std::abs(larger[119] - 135) <= 0.5);

    const Numbers with_alpha = images_of(read({.image_size = {5, 4}, .color_mode = "rgba"}));
    CHECK(Numbers(with_alpha.begin(), with_alpha.begin() + 8) == Numbers{0, 37, 74, 255, 111, 148, 185, 255});
    // 0.299 red + 0.587 green + 0.114 blue of the first pixel is 30.155.
    CHECK(std::abs(images_of(read({.image_size = {5, 4}, .color_mode = "grayscale"}))[0] - 30.155) <= 1);

    const test::TemporaryFolder photographs;
    write(photographs, "a/grey.JPG", test::jpeg_bytes());
    const ImageDirectory photograph =
        image_dataset_from_directory(photographs.path(), {.image_size = {2, 2}});
    CHECK(images_of(photograph) == Numbers(12, 200));
  }

  TEST_CASE("image_dataset_from_directory: with a batch size, files are read during the pass") {
    reference();
    const test::TemporaryFolder folder;
    write_classes(folder);
    ImageDirectoryOptions options = grey;
    options.batch_size = 4;
    const ImageDirectory read = image_dataset_from_directory(folder.path(), options);
    CHECK(read.dataset.is_generated());
    const auto pass = [&] {
      Numbers seen;
      for (const Batch& batch : read.dataset.batches(4)) {
        CHECK(batch.inputs[0].dtype() == u8);
        CHECK(batch.targets[0].size(0) == batch.inputs[0].size(0));
        for (const double pixel : batch.inputs[0].to_vector<double>()) seen.push_back(pixel);
      }
      return seen;
    };
    Numbers first = pass(), second = pass();
    CHECK(first != second);
    for (Numbers* each : {&first, &second}) {
      std::ranges::sort(*each);
      CHECK(*each == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    }
  }

  TEST_CASE("image_dataset_from_directory: errors") {
    reference();
    const test::TemporaryFolder folder;
    const std::string path = folder.path().string(), start = "[image_dataset_from_directory] ";
    const auto error = [&](const ImageDirectoryOptions& options) {
      return error_of([&] { image_dataset_from_directory(folder.path(), options); });
    };
    CHECK(error_of([&] { image_dataset_from_directory(folder.path() / "none"); }) ==
          start + (folder.path() / "none").string() + ": there is no such folder.");
    CHECK(error(grey) == start + path +
                             ": no images in folders, one for each class; they end in .bmp, .gif, .jpeg, "
                             ".jpg, .png.");
    write_classes(folder);
    CHECK(error({.image_size = {0, 3}}) == start + "image_size is 0 by 3; both must be positive.");
    CHECK(error({.batch_size = 0}) == start + "batch_size is 0; it must be positive.");
    CHECK(error({.validation_split = 1, .subset = "training"}) ==
          start + "validation_split is 1; it lies between 0 and 1.");
    CHECK(error({.validation_split = 0.5}) ==
          start + "validation_split is 0.5 and subset is ''; one needs the other.");
    CHECK(error({.subset = "training"}) ==
          start + "validation_split is 0 and subset is 'training'; one needs the other.");
    CHECK(error({.validation_split = 0.01, .subset = "validation"}) ==
          start + "0.01 of 11 images leave none for the validation subset.");
    CHECK(error({.validation_split = 0.5, .subset = "both"}) ==
          start + "subset 'both' is unknown; choose one of training, validation.");
    CHECK(error({.color_mode = "cmyk"}) ==
          start + "color_mode 'cmyk' is unknown; choose one of grayscale, rgb, rgba.");
    CHECK(error({.interpolation = "area"}) ==
          start + "interpolation 'area' is unknown; choose one of bilinear, nearest.");
    CHECK(error({.label_mode = "binary"}) ==
          start + "label_mode 'binary' is unknown; choose one of int, categorical, none.");
    CHECK(error({.class_names = {"mice"}}) ==
          start + path + ": there is no folder for class 'mice'; the folders are birds, cats, dogs.");
    CHECK(error({.image_size = {20000, 20000}}) == start +
                                                       "11 images take 13200000000 bytes, and a tensor holds "
                                                       "2^31 - 1 elements at most; with a batch_size, "
                                                       "files are read during the training.");
    write(folder, "dogs/x.jpg", {1, 2, 3});
    write(folder, "dogs/y.png", {});
    for (const std::optional<std::int64_t> batch_size : {std::optional<std::int64_t>(), {4}}) {
      ImageDirectoryOptions options = grey;
      options.batch_size = batch_size;
      options.shuffle = false;
      const std::string text = error(options);
      CHECK(text.starts_with(start + (folder.path() / "dogs/x.jpg").string() +
                             " is no image that can be read ("));
      CHECK(text.find("; " + (folder.path() / "dogs/y.png").string() + " is no image that can be read (") !=
            std::string::npos);
      CHECK(text.ends_with("; remove or replace these files."));
    }
  }
}

}  // namespace hekla::testing
