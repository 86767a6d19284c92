#include "examples/fashion_mnist/recipes.h"

#include <algorithm>
#include <array>

#include "hekla.h"
#include "ops/optim/sgd.h"

namespace hekla::fashion_mnist {

namespace {

constexpr std::array<std::string_view, 11> names{"sgd",      "momentum", "nesterov", "adagrad",
                                                 "adadelta", "rmsprop",  "adam",     "adamw",
                                                 "adamax",   "nadam",    "lion"};
constexpr std::array<std::string_view, 6> compared{"sgd",     "momentum", "nesterov",
                                                   "adagrad", "rmsprop",  "adam"};

Optimizer make_default(std::string_view name) {
  if (name == "momentum") return SGD({.momentum = 0.9});
  if (name == "nesterov") return SGD({.momentum = 0.9, .nesterov = true});
  return Optimizer(name);
}

}  // namespace

std::span<const std::string_view> optimizer_names() { return names; }
std::span<const std::string_view> compared_optimizers() { return compared; }

Optimizer make_optimizer(std::string_view name, std::optional<double> learning_rate) {
  Optimizer optimizer = make_default(name);
  if (learning_rate) optimizer.set_learning_rate(*learning_rate);
  return optimizer;
}

namespace {

hk::Sequential softmax_network() { return hk::Sequential({hk::Dense(10, hk::softmax)}, {.name = "softmax"}); }

hk::Sequential sigmoid_network() {
  return hk::Sequential(
      {hk::Dense(100, hk::sigmoid, {.name = "hidden"}), hk::Dense(10, hk::softmax, {.name = "output"})},
      {.name = "sigmoid"});
}

hk::Sequential relu_network() {
  return hk::Sequential({hk::Flatten(), hk::Dense(100, hk::relu), hk::Dense(10, hk::softmax)},
                        {.name = "relu"});
}

hk::Sequential dropout_network() {
  return hk::Sequential(
      {hk::Flatten(), hk::Dense(100, hk::relu), hk::Dropout(0.3), hk::Dense(10, hk::softmax)},
      {.name = "dropout"});
}

hk::Sequential cnn_network() {
  return hk::Sequential({hk::Conv2D(32, 3, hk::relu, {.padding = "same"}), hk::MaxPooling2D(2),
                         hk::Conv2D(64, 3, hk::relu, {.padding = "same"}), hk::MaxPooling2D(2), hk::Flatten(),
                         hk::Dense(100, hk::relu), hk::Dropout(0.4), hk::Dense(10, hk::softmax)},
                        {.name = "cnn"});
}

const std::vector<Recipe>& all() {
  static const std::vector<Recipe> list{
      {.name = "softmax",
       .title = "One dense layer, Dense(10, softmax): 7,850 parameters",
       .image = {784},
       .optimizer = "rmsprop",
       .network = softmax_network},
      {.name = "sigmoid",
       .title = "A hidden layer of 100 sigmoids before it: 79,510 parameters",
       .image = {784},
       .optimizer = "rmsprop",
       .network = sigmoid_network},
      {.name = "relu",
       .title = "Flatten and a hidden layer of 100 relus: 79,510 parameters",
       .image = {28, 28},
       .network = relu_network},
      {.name = "dropout",
       .title = "The relu network with Dropout(0.3), ended early, the best epoch kept",
       .image = {28, 28},
       .epochs = 20,
       .patience = 2,
       .network = dropout_network},
      {.name = "cnn",
       .title = "Two convolutions with pooling, ended early: 333,526 parameters",
       .image = {28, 28, 1},
       .epochs = 20,
       .patience = 2,
       .network = cnn_network}};
  return list;
}

}  // namespace

std::span<const Recipe> recipes() { return all(); }

const Recipe* find_recipe(std::string_view name) {
  const auto found = std::ranges::find(all(), name, &Recipe::name);
  return found == all().end() ? nullptr : &*found;
}

}  // namespace hekla::fashion_mnist
