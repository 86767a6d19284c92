// See recipe.h.
#include "examples/fashion_mnist/recipe.h"

#include <algorithm>

#include "hekla.h"

namespace hekla::fashion_mnist {

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
