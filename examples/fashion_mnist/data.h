// Data: Fashion-MNIST as the book divides it, how it looks, and what a classifier makes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "examples/fashion_mnist/options.h"
#include "train/data/dataset.h"
#include "train/data/labeled_images.h"

namespace hekla::fashion_mnist {

/// An image that was taken for another class.
struct Mistake {
  std::size_t image = 0;
  int truth = 0;
  int taken_for = 0;
  float confidence = 0;  ///< the probability given to the class it was taken for
};

/// What a classifier makes of images whose classes are known.
class Predictions {
 public:
  /// `probabilities` is [images, classes] in row-major order; the labels lie below `classes`. Throws
  /// hekla::Error when the sizes do not fit.
  Predictions(std::vector<float> probabilities, std::vector<std::uint8_t> labels, int classes);

  int classes() const { return classes_; }
  /// How many images of class `truth` were taken for `taken_for`.
  std::int64_t count(int truth, int taken_for) const;
  /// How many images of this class there are.
  std::int64_t count(int truth) const;
  /// The most confident mistakes, worst first.
  std::vector<Mistake> worst(std::size_t most) const;

 private:
  int classes_;
  std::vector<std::int64_t> counts_;
  std::vector<Mistake> mistakes_;
};

/// Fashion-MNIST as the book divides it.
struct Data {
  data::ImageSets files;                  ///< all images as they are in the files
  std::vector<std::int32_t> order_train;  ///< which of the 60,000 train
  std::vector<std::int32_t> order_validation;
  Dataset train;
  Dataset validation;
  Dataset test;
};

/// Reads the files and divides them. Throws hekla::Error as load_fashion_mnist_files does, and when the batch
/// size does not fit.
Data load_data(const Options& options);

/// Prints sizes, the first ten images, counts for each class and the split, and writes the images as a PNG.
void look(const Options& options);

}  // namespace hekla::fashion_mnist
