// The MNIST data set (LeCun, Cortes, Burges 1998): 70,000 grey images of handwritten digits.
#pragma once

#include <filesystem>

#include "train/data/labeled_images.h"

namespace hekla::data {

/// The training and the test set for a model (see dataset_of): 60,000 and 10,000 images of 28 x 28. Reads and
/// verifies the files as load_mnist_files does.
TrainTest mnist(const std::filesystem::path& folder = {});

/// Reads the training and the test set from a folder with the four IDX files, gzipped or uncompressed:
/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte. The
/// folder is `folder`, or else the environment variable HEKLA_MNIST, or else data/mnist. Throws hekla::Error
/// when files are missing, damaged, or not those of MNIST. The number of images, of each digit, and the sums
/// over all pixels and over their squares are checked.
ImageSets load_mnist_files(const std::filesystem::path& folder = {});

}  // namespace hekla::data
