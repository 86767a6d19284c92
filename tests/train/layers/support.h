// What tests of layers share.
#pragma once

#include <string>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/initializer.h"
#include "train/layers/mode.h"

namespace hekla::testing {

/// ((i * factor) % range - range / 2) / 8 for i = 0, 1, ...: numbers that a script in another language makes
/// as easily, and whose products are exact.
Tensor pattern(const Shape& shape, std::int64_t factor = 7, std::int64_t range = 11);
/// Weights that start as pattern().
Initializer patterned(std::int64_t factor = 5, std::int64_t range = 9);
/// Weights that start as these numbers.
Initializer given(std::vector<double> elements);

/// Checks shape and elements on the reference device, to 1e-7 * (1 + |expected|).
void check_values(const Tensor& actual, const Shape& shape, const std::vector<double>& expected);

/// "conv2d/kernel [3,3,1,32]" for each weight.
std::vector<std::string> described(const std::vector<Tensor>& weights);

/// A walk of training. The same `seed` draws the same numbers.
Mode training(std::uint32_t seed = 1);

}  // namespace hekla::testing
