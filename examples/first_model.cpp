// The README's five lines as a program: trains a network on Fashion-MNIST and tests it.
#include <fmt/format.h>

#include "hekla.h"

int main() try {
  auto [train, test] = hk::data::fashion_mnist();
  hk::Sequential model(
      {hk::Flatten(), hk::Dense(100, hk::relu, {.name = "hidden"}), hk::Dense(10, {.name = "output"})});
  model.compile({.optimizer = hk::Adam(),
                 .loss = hk::sparse_categorical_crossentropy_from_logits,
                 .metrics = {hk::accuracy}});
  auto history = model.fit(train, {.epochs = 5, .validation_split = 0.2});
  model.evaluate(test);
} catch (const hk::Error& error) {
  fmt::print(stderr, "first_model: {}\n", error.what());
  return 1;
}
