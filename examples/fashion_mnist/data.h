// Data: Fashion-MNIST with the book's split, a look at it, and a classifier's predictions on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "examples/fashion_mnist/options.h"
#include "train/data/dataset.h"
#include "train/data/labeled_images.h"

namespace hekla::fashion_mnist {

/// A misclassified image.
struct Mistake {
  std::size_t image = 0;
  int truth = 0;
  int taken_for = 0;
  float confidence = 0;  ///< the probability given to the predicted class
};

/// A classifier's predictions for images whose classes are known.
class Predictions {
 public:
  /// `probabilities` is [images, classes] in row-major order; the labels lie below `classes`. Throws
  /// hekla::Error when the sizes do not fit.
  Predictions(std::vector<float> probabilities, std::vector<std::uint8_t> labels, int classes);

  int classes() const { return classes_; }
  /// The number of images of class `truth` that were predicted as `taken_for`.
  std::int64_t count(int truth, int taken_for) const;
  /// The number of images of this class.
  std::int64_t count(int truth) const;
  /// The most confident mistakes, worst first.
  std::vector<Mistake> worst(std::size_t most) const;

 private:
  int classes_;
  std::vector<std::int64_t> counts_;
  std::vector<Mistake> mistakes_;
};

/// Fashion-MNIST with the book's split.
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
