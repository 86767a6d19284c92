// Charts: drawn by gnuplot as SVG.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/run.h"

namespace hekla::fashion_mnist {

/// False where it is not installed.
bool has_gnuplot();

/// Runs a script and returns what gnuplot prints: the picture, when the script sets a terminal and no output.
/// Throws hekla::Error, with gnuplot's own message, when it fails.
std::string run_gnuplot(const std::string& script);

/// Runs a script of charts.h, writes the SVG and returns it. Where gnuplot is missing or fails, it warns on
/// standard error (about a missing gnuplot only once) and returns an empty text: no chart is worth a
/// training. Throws hekla::Error when the file cannot be written.
std::string draw_chart(const std::string& script, const std::filesystem::path& path);

/// Loss and accuracy of training and validation by epoch. A line marks the kept epoch unless it is the last
/// one.
std::string learning_curve(const std::vector<EpochNumbers>& history, const EpochNumbers& kept);

/// The confusion matrix: the number of images of each class by predicted class.
std::string confusion_chart(const Predictions& predictions, std::span<const std::string_view> classes);

struct NamedHistory {
  std::string name;
  std::vector<EpochNumbers> history;
};

/// Loss and accuracy of several trainings on the validation images.
std::string comparison_chart(const std::vector<NamedHistory>& runs);

}  // namespace hekla::fashion_mnist
