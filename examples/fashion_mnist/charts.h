// The charts of a training, as gnuplot's scripts: run_gnuplot makes SVG of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "examples/fashion_mnist/history_file.h"
#include "examples/fashion_mnist/predictions.h"

namespace hekla::fashion_mnist {

/// Loss and accuracy by epoch, of training and of validation. Where the kept epoch is not the last one, a
/// line marks it.
std::string learning_curve(const std::vector<EpochNumbers>& history, const EpochNumbers& kept);

/// How many images of each class were taken for which.
std::string confusion_chart(const Predictions& predictions, std::span<const std::string_view> classes);

struct NamedHistory {
  std::string name;
  std::vector<EpochNumbers> history;
};

/// Loss and accuracy of several trainings on the validation images.
std::string comparison_chart(const std::vector<NamedHistory>& runs);

}  // namespace hekla::fashion_mnist
