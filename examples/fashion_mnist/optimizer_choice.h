// The optimizers that the command line knows by name.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ops/optim/optimizer.h"

namespace hekla::fashion_mnist {

/// Keras's names, and "momentum" and "nesterov" for gradient descent with a momentum of 0.9.
std::span<const std::string_view> optimizer_names();

/// Those that the step `optimizers` compares.
std::span<const std::string_view> compared_optimizers();

/// The optimizer of one of these names, with Keras's learning rate unless another is given.
Optimizer make_optimizer(std::string_view name, std::optional<double> learning_rate = {});

}  // namespace hekla::fashion_mnist
