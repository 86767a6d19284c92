// Recipes: the training steps of the chapter, each a network with the book's training options; and the
// optimizers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ops/optim/optimizer.h"
#include "train/model/model.h"

namespace hekla::fashion_mnist {

/// Keras's names, and "momentum" and "nesterov" for gradient descent with a momentum of 0.9.
std::span<const std::string_view> optimizer_names();

/// The optimizers that the step `optimizers` compares.
std::span<const std::string_view> compared_optimizers();

/// The optimizer of one of these names, with Keras's learning rate unless another is given.
Optimizer make_optimizer(std::string_view name, std::optional<double> learning_rate = {});

/// One training step of the chapter: a network with the book's training options.
struct Recipe {
  std::string_view name;                ///< on the command line
  std::string_view title;               ///< one line for headings
  std::vector<std::int64_t> image;      ///< the shape of one input image of the network
  std::string_view optimizer = "adam";  ///< the default
  int epochs = 5;                       ///< the default
  int patience = 0;  ///< epochs without a better validation loss that end it; 0: never ends early
  Sequential (*network)();

  /// True where the weights of the best epoch are kept instead of those of the last.
  bool keeps_best() const { return patience > 0; }
};

/// All recipes, in the order of the book.
std::span<const Recipe> recipes();

/// The recipe of that name, or null.
const Recipe* find_recipe(std::string_view name);

}  // namespace hekla::fashion_mnist
