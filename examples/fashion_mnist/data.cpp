// See data.h.
#include "examples/fashion_mnist/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "graph/error.h"
#include "train/data/fashion_mnist.h"
#include "train/data/split.h"

namespace hekla::fashion_mnist {

Data load_data(const Options& options) {
  data::ImageSets files = data::load_fashion_mnist_files(options.data);
  data::Split split = data::train_test_split(files.train.count, 0.2, 42);
  const std::int64_t most = options.limit.value_or(std::numeric_limits<std::int64_t>::max());
  const std::int64_t count = std::min(std::ssize(split.train), most);
  if (options.batch_size < 1 || options.batch_size > count)
    throw Error(fmt::format("[options] --batch-size {}: must be from 1 to the number of training images, {}.",
                            options.batch_size, count));
  // One tensor serves both parts, so that the images are on the device once.
  const Dataset all = data::dataset_of(files.train);
  Dataset train = all.pick(split.train).take(most);
  Dataset validation = all.pick(split.test).take(most);
  Dataset test = data::dataset_of(files.test).take(most);
  return {std::move(files), std::move(split.train), std::move(split.test),
          std::move(train), std::move(validation),  std::move(test)};
}

}  // namespace hekla::fashion_mnist
