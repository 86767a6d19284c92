// What a run was and what came of it, as text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "examples/fashion_mnist/run.h"

namespace hekla::fashion_mnist {

/// Names and values: device, data, optimizer, ...
std::vector<std::pair<std::string, std::string>> settings_of(const Run& run);

/// The command that does the same again.
std::string command_of(const Run& run);

/// The two lines with which a run ends: loss and accuracy, validation and test.
std::string result_lines(const Run& run);

/// Settings, model, epochs and results.
std::string summary_text(const Run& run);

}  // namespace hekla::fashion_mnist
