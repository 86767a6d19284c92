// The step `look`: what the data is.
#pragma once

#include "examples/fashion_mnist/options.h"

namespace hekla::fashion_mnist {

/// Prints sizes, the first ten images, counts for each class and the split, and writes the images as a PNG.
void look(const Options& options);

}  // namespace hekla::fashion_mnist
