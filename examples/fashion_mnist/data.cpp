#include "examples/fashion_mnist/data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "examples/fashion_mnist/pictures.h"
#include "examples/fashion_mnist/run.h"
#include "graph/error.h"
#include "hekla.h"
#include "train/data/fashion_mnist.h"
#include "train/data/split.h"
#include "train/grouped.h"
#include "train/terminal.h"

namespace hekla::fashion_mnist {

Predictions::Predictions(std::vector<float> probabilities, std::vector<std::uint8_t> labels, int classes)
    : classes_(classes) {
  const auto width = static_cast<std::size_t>(classes);
  if (probabilities.size() != labels.size() * width)
    throw Error(
        fmt::format("[predictions] {} probabilities for {} images and {} classes; there is one for each.",
                    probabilities.size(), labels.size(), classes));
  counts_.resize(width * width);
  for (std::size_t image = 0; image < labels.size(); ++image) {
    const auto row = std::span(probabilities).subspan(image * width, width);
    const auto best = std::ranges::max_element(row);
    const int truth = labels[image], taken_for = static_cast<int>(best - row.begin());
    if (truth >= classes)
      throw Error(fmt::format("[predictions] label {} is {}; labels lie below {}.", image, truth, classes));
    ++counts_[static_cast<std::size_t>(truth) * width + static_cast<std::size_t>(taken_for)];
    if (truth != taken_for)
      mistakes_.push_back({.image = image, .truth = truth, .taken_for = taken_for, .confidence = *best});
  }
  std::ranges::stable_sort(mistakes_, std::ranges::greater(), &Mistake::confidence);
}

std::int64_t Predictions::count(int truth, int taken_for) const {
  return counts_[static_cast<std::size_t>(truth * classes_ + taken_for)];
}

std::int64_t Predictions::count(int truth) const {
  std::int64_t sum = 0;
  for (int other = 0; other < classes_; ++other) sum += count(truth, other);
  return sum;
}

std::vector<Mistake> Predictions::worst(std::size_t most) const {
  return {mistakes_.begin(),
          mistakes_.begin() + static_cast<std::ptrdiff_t>(std::min(most, mistakes_.size()))};
}

Data load_data(const Options& options) {
  data::ImageSets files = data::load_fashion_mnist_files(options.data);
  data::Split split = data::train_test_split(files.train.count, 0.2, 42);
  const std::int64_t most = options.limit.value_or(std::numeric_limits<std::int64_t>::max());
  const std::int64_t count = std::min(std::ssize(split.train), most);
  if (options.batch_size < 1 || options.batch_size > count)
    throw Error(fmt::format("[options] --batch-size {}: must be from 1 to the number of training images, {}.",
                            options.batch_size, count));
  // One tensor serves both parts, so that the images are uploaded once.
  const Dataset all = data::dataset_of(files.train);
  Dataset train = all.pick(split.train).take(most);
  Dataset validation = all.pick(split.test).take(most);
  Dataset test = data::dataset_of(files.test).take(most);
  return {std::move(files), std::move(split.train), std::move(split.test),
          std::move(train), std::move(validation),  std::move(test)};
}

namespace {

constexpr int shown = 10, in_a_row = 5;

std::string sizes(const data::LabeledImages& part) {
  return fmt::format("{} images of {} x {} bytes", grouped(part.count), part.height, part.width);
}

std::vector<int> first_labels(const data::LabeledImages& part, const std::vector<std::int32_t>& order) {
  std::vector<int> labels;
  for (std::size_t i = 0; i < shown; ++i) labels.push_back(part.labels[static_cast<std::size_t>(order[i])]);
  return labels;
}

// Five images side by side, downscaled by half where the terminal is narrow, with their names beneath.
void print_row(const data::LabeledImages& part, std::size_t first, Drawing drawing) {
  constexpr int gap = 2;
  const int side = static_cast<int>(part.width);
  const bool fits = stdout_width() >= in_a_row * (side + gap);
  const int cell = (fits ? side : side / 2) + gap;
  Picture row(in_a_row * cell, fits ? side : side / 2, 0);
  std::string names;
  for (int i = 0; i < in_a_row; ++i) {
    const std::size_t position = first + static_cast<std::size_t>(i);
    const Picture image = image_of(part, position);
    paste(row, i * cell, 0, fits ? image : halved(image));
    names += fmt::format("{:<{}}", data::fashion_mnist_classes[part.labels[position]], cell);
  }
  names.erase(names.find_last_not_of(' ') + 1);
  fmt::print("{}{}\n\n", draw(row, drawing), names);
}

void print_counts(const data::LabeledImages& train, const data::LabeledImages& test) {
  fmt::print("label  class        training   test\n");
  for (std::size_t label = 0; label < data::fashion_mnist_classes.size(); ++label)
    fmt::print("{:>5}  {:<11}  {:>8}  {:>5}\n", label, data::fashion_mnist_classes[label],
               grouped(std::ranges::count(train.labels, label)),
               grouped(std::ranges::count(test.labels, label)));
}

}  // namespace

void look(const Options& options) {
  const RunFolder folder = open_folder(options.out);
  const Data data = load_data(options);
  const data::LabeledImages& train = data.files.train;
  fmt::print("device      {}\n", default_device()->name());
  fmt::print("training    {}\ntest        {}\n\n", sizes(train), sizes(data.files.test));
  const Drawing drawing = suitable_drawing();
  for (std::size_t first = 0; first < shown; first += in_a_row) print_row(train, first, drawing);
  print_counts(train, data.files.test);

  std::vector<std::int32_t> in_order(shown);
  for (int i = 0; i < shown; ++i) in_order[static_cast<std::size_t>(i)] = i;
  fmt::print("\nfirst labels           {}\n", fmt::join(first_labels(train, in_order), " "));
  fmt::print("split (seed 42)        {} train, {} validate\n", grouped(std::ssize(data.order_train)),
             grouped(std::ssize(data.order_validation)));
  fmt::print("first to train         {}\n", fmt::join(first_labels(train, data.order_train), " "));
  fmt::print("first to validate      {}\n", fmt::join(first_labels(train, data.order_validation), " "));

  std::vector<Captioned> images;
  for (std::size_t i = 0; i < shown; ++i)
    images.push_back({image_of(train, i), {std::string(data::fashion_mnist_classes[train.labels[i]])}});
  const std::filesystem::path file = folder.path / "first_images.png";
  write_file(file, to_png(image_sheet(images, shown, 4)));
  fmt::print("\nwritten     {}\n", file.string());
}

}  // namespace hekla::fashion_mnist
