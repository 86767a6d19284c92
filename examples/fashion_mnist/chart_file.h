// Charts as files.
#pragma once

#include <filesystem>
#include <string>

namespace hekla::fashion_mnist {

/// Draws a script of charts.h, writes the SVG and gives it. Where gnuplot is missing or fails it says so on
/// standard error, that it is missing only once, and gives nothing: no chart is worth a training. Throws
/// hekla::Error when the file cannot be written.
std::string draw_chart(const std::string& script, const std::filesystem::path& path);

}  // namespace hekla::fashion_mnist
