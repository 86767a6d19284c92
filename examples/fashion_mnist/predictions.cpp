// See predictions.h.
#include "examples/fashion_mnist/predictions.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"

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

}  // namespace hekla::fashion_mnist
