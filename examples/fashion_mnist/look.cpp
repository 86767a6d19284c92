// See look.h.
#include "examples/fashion_mnist/look.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/image_sheet.h"
#include "examples/fashion_mnist/run_folder.h"
#include "examples/fashion_mnist/terminal_picture.h"
#include "hekla.h"
#include "train/grouped.h"
#include "train/terminal.h"

namespace hekla::fashion_mnist {

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

// Five images side by side, half as large where the terminal is narrow, with their names beneath.
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
