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

/// What gnuplot prints for a script: the picture, when the script sets a terminal and no output. Throws
/// hekla::Error, with gnuplot's own words, when it fails.
std::string run_gnuplot(const std::string& script);

/// Draws a script of charts.h, writes the SVG and gives it. Where gnuplot is missing or fails it says so on
/// standard error, that it is missing only once, and gives nothing: no chart is worth a training. Throws
/// hekla::Error when the file cannot be written.
std::string draw_chart(const std::string& script, const std::filesystem::path& path);

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
