// The program gnuplot, which draws the charts.
#pragma once

#include <string>

namespace hekla::fashion_mnist {

/// False where it is not installed.
bool has_gnuplot();

/// What gnuplot prints for a script: the picture, when the script sets a terminal and no output. Throws
/// hekla::Error, with gnuplot's own words, when it fails.
std::string run_gnuplot(const std::string& script);

}  // namespace hekla::fashion_mnist
