// Layers inside models: their names, their parameters, and that they learn.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

// The loss before and after some steps of training, on the reference device.
void check_learns(std::vector<Layer> layers, const Tensor& x, const Tensor& y) {
  set_random_seed(1);
  Sequential model(std::move(layers));
  model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
  const double before = model.evaluate(x, y, {.verbose = 0})["loss"];
  model.fit(x, y, {.batch_size = 4, .epochs = 40, .verbose = 0});
  const double after = model.evaluate(x, y, {.verbose = 0})["loss"];
  CAPTURE(before);
  CHECK(after < 0.5 * before);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("layers in models: names and parameters of a convolutional network") {
    reference();
    Sequential model({Input({28, 28, 1}), Conv2D(32, 3, relu, {.padding = "same"}), MaxPooling2D(2),
                      Conv2D(64, {3, 3}, "relu", {.padding = "same"}), MaxPooling2D(2), Flatten(),
                      Dense(100, relu), Dropout(0.4), Dense(10, softmax)});
    CHECK(model.count_params() == 333526);
    CHECK(described(model.weights()) ==
          std::vector<std::string>{"conv2d/kernel [3,3,1,32]", "conv2d/bias [32]",
                                   "conv2d_1/kernel [3,3,32,64]", "conv2d_1/bias [64]",
                                   "dense/kernel [3136,100]", "dense/bias [100]", "dense_1/kernel [100,10]",
                                   "dense_1/bias [10]"});
    const std::string summary = model.summary();
    for (const char* text : {"max_pooling2d_1 (MaxPooling2D)", "conv2d_1 (Conv2D)", "320", "18,496"})
      CHECK(summary.find(text) != std::string::npos);
  }

  TEST_CASE("layers in models: moving statistics are kept, not trained") {
    reference();
    Sequential model({Input({3}), BatchNormalization(), Dense(1)});
    CHECK(model.count_params() == 3 * 4 + 3 + 1);
    CHECK(model.trainable_weights().size() == 4);
    const Tensor x = pattern({8, 3}), y = pattern({8, 1});
    model.compile({.loss = "mse"});
    model.fit(x, y, {.batch_size = 8, .epochs = 2, .verbose = 0});
    const Tensor average = mean(x, {0});
    for (const Tensor& weight : model.weights()) {
      if (weight.node().label != "batch_normalization/moving_mean") continue;
      std::vector<double> expected = reference_values(average);
      for (double& element : expected) element *= 1 - 0.99 * 0.99;
      check_values(weight, {3}, expected);
    }
  }

  TEST_CASE("layers in models: each group learns") {
    reference();
    const Tensor images = pattern({4, 4, 4, 1}), one = tensor({1.0, -1, 2, 0}, {4, 1});
    check_learns(
        {Conv2D(2, 3, relu, {.padding = "same"}), DepthwiseConv2D(2), MaxPooling2D(), Flatten(), Dense(1)},
        images, one);
    check_learns({SeparableConv2D(2, 2), Conv2DTranspose(2, 2, relu, {.strides = 2}), Flatten(), Dense(1)},
                 images, one);
    check_learns({Flatten(), BatchNormalization({.momentum = 0.5}), Dense(4, "tanh"), LayerNormalization(),
                  Dense(4, "tanh"), GroupNormalization(2), Dense(1)},
                 images, one);
    const Tensor words = tensor(std::vector<std::int32_t>{0, 1, 2, 2, 1, 3, 3, 3, 0, 1, 1, 2}, {4, 3});
    check_learns({Embedding(4, 2), LSTM(3), Dense(1)}, words, one);
    check_learns({Embedding(4, 2), Bidirectional(GRU(2)), Dense(1)}, words, one);
    check_learns({Embedding(4, 2), SimpleRNN(3), Dense(1)}, words, one);
    check_learns({Embedding(4, 4), MultiHeadAttention(2, 2), GlobalAveragePooling1D(), Dense(1)}, words, one);
  }

  TEST_CASE("layers in models: random layers before a network, one step on the device under test") {
    if (!device()) return;
    const Tensor images = pattern({4, 6, 6, 1}), one = pattern({4, 1}, 3, 5);
    Sequential model({RandomFlip("horizontal"), RandomCrop(5, 5), RandomRotation(0.1), Conv2D(2, 3, relu),
                      GlobalAveragePooling2D(), Dense(1)});
    model.compile({.loss = "mse"});
    set_default_device(device());
    const History history = model.fit(images, one, {.batch_size = 4, .epochs = 2, .verbose = 0});
    set_default_device(reference());
    CHECK(history["loss"].size() == 2);
    CHECK(history["loss"][1] == history["loss"][1]);
  }
}

}  // namespace hekla::testing
