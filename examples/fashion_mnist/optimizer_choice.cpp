// See optimizer_choice.h.
#include "examples/fashion_mnist/optimizer_choice.h"

#include <array>

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

}  // namespace hekla::fashion_mnist
