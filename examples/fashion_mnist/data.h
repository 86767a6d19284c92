// Data: Fashion-MNIST as the book divides it.
#pragma once

#include <cstdint>
#include <vector>

#include "examples/fashion_mnist/options.h"
#include "train/data/dataset.h"
#include "train/data/labeled_images.h"

namespace hekla::fashion_mnist {

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

}  // namespace hekla::fashion_mnist
