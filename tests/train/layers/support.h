// Helpers shared by tests of layers.
#pragma once

#include <string>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/initializer.h"
#include "train/layers/mode.h"

namespace hekla::testing {

/// ((i * factor) % range - range / 2) / 8 for i = 0, 1, ...: numbers that a script in another language easily
/// reproduces, and whose products are exact.
Tensor pattern(const Shape& shape, std::int64_t factor = 7, std::int64_t range = 11);
/// Weights initialized as pattern().
Initializer patterned(std::int64_t factor = 5, std::int64_t range = 9);
/// Weights initialized with these numbers.
Initializer given(std::vector<double> elements);

/// Checks shape and elements on the reference device, to 1e-7 * (1 + |expected|).
void check_values(const Tensor& actual, const Shape& shape, const std::vector<double>& expected);

/// Checks numbers that are f32 to tolerance * (1 + |expected|).
void check_near(const std::vector<double>& actual, const std::vector<double>& expected,
                double tolerance = 1e-5);

/// "conv2d/kernel [3,3,1,32]" for each weight.
std::vector<std::string> described(const std::vector<Tensor>& weights);

/// The mode of a walk in training. The same `seed` draws the same numbers.
Mode training(std::uint32_t seed = 1);

}  // namespace hekla::testing
