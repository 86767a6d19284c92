// Trains a classifier of clothes on Fashion-MNIST. Start here; trainer.cpp holds the step that is trained
// with, network.cpp the model, options.cpp the command line.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "backends/device.h"
#include "examples/fashion_mnist/network.h"
#include "examples/fashion_mnist/options.h"
#include "examples/fashion_mnist/trainer.h"
#include "graph/error.h"
#include "ops/optim/sgd.h"
#include "train/fashion_mnist.h"

namespace {

using namespace hekla;
using namespace hekla::fashion_mnist;

void keep_first(data::LabeledImages& images, std::int64_t limit) {
  images.count = std::min(images.count, limit);
  images.images.resize(static_cast<std::size_t>(images.count * images.height * images.width));
  images.labels.resize(static_cast<std::size_t>(images.count));
}

data::Dataset load(const Options& options) {
  data::Dataset dataset = data::load_fashion_mnist_files(options.data);
  if (options.limit) {
    keep_first(dataset.train, *options.limit);
    keep_first(dataset.test, *options.limit);
  }
  check_batch_size(options.batch_size, dataset.train.count);
  return dataset;
}

SgdOptions sgd_options(fashion_mnist::Optimizer optimizer, double learning_rate) {
  return {.learning_rate = learning_rate,
          .momentum = optimizer == fashion_mnist::Optimizer::sgd ? 0.0 : 0.9,
          .nesterov = optimizer == fashion_mnist::Optimizer::nesterov};
}

void train(const Options& options) {
  set_default_device(open_device(options.device));
  const data::Dataset dataset = load(options);
  const data::Batches train(dataset.train);
  const data::Batches test(dataset.test);
  const Network network = build_network(options, train.features(), std::ssize(data::fashion_mnist_classes));
  const double rate = options.learning_rate.value_or(default_learning_rate(options.optimizer));
  const SGD optimizer(sgd_options(options.optimizer, rate));

  fmt::print("device     {}\n", default_device()->name());
  fmt::print("data       {} training and {} test images of {} x {}\n", train.count(), test.count(),
             dataset.train.width, dataset.train.height);
  fmt::print("model      {}\n", describe(network, options));
  fmt::print("optimizer  {}, learning rate {} {}, batch size {}, seed {}\n\n", word_for(options.optimizer),
             rate, options.schedule == fashion_mnist::Schedule::linear ? "falling to 0" : "throughout",
             options.batch_size, options.seed);

  Trainer trainer(network, optimizer, train,
                  {.batch_size = options.batch_size,
                   .seed = options.seed,
                   .falling = options.schedule == fashion_mnist::Schedule::linear ? options.epochs : 0});
  Tester tester(network, test);
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    ProgressBar bar(fmt::format("Epoch {}/{}", epoch, options.epochs), trainer.steps_per_epoch());
    trainer.train_epoch(epoch, bar);
    const Metrics metrics = tester.run();
    fmt::print("test loss {:.4f}  accuracy {:.4f}\n", metrics.loss, metrics.accuracy);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (options.help.empty())
      train(options);
    else
      fmt::print("{}", options.help);
    // A full disk shows only here.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw Error("[output] standard output cannot be written; is the disk full?");
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);  // so that what was printed before stands before the error
    fmt::print(stderr, "fashion_mnist: {}\n", error.what());
    return 1;
  }
}
