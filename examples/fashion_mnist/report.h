// Reports: settings and results of a run, as text and as self-contained HTML pages.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/recipes.h"
#include "examples/fashion_mnist/run.h"

namespace hekla::fashion_mnist {

/// "12.3 s", or "2 min 5 s" from a minute on.
std::string duration_words(double seconds);

/// The text with &, <, > and quotes escaped for HTML.
std::string escaped(std::string_view text);

/// Bytes as a data URL: data:image/png;base64,...
std::string data_url(std::string_view type, std::string_view bytes);

/// An SVG file of gnuplot's, inlined into a page; on dark screens its lightness is inverted.
std::string inline_svg(std::string_view svg);

/// A table; the cells are HTML. The first column is text, the others are numbers.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

/// The headline numbers at the top, with their names.
std::string headline(const std::vector<std::pair<std::string, std::string>>& numbers);

/// A whole page, with styles for light and dark screens and for paper.
std::string page(std::string_view title, std::string_view lead, std::string_view body);

/// Names and values: device, data, optimizer, ...
std::vector<std::pair<std::string, std::string>> settings_of(const Run& run);

/// The command that repeats the run.
std::string command_of(const Run& run);

/// The last two lines of a run's output: loss and accuracy of validation and test.
std::string result_lines(const Run& run);

/// Settings, model, epochs and results.
std::string summary_text(const Run& run);

/// Writes summary.txt, mistakes.png, the charts (see draw_chart) and report.html, which holds all of it.
/// Throws hekla::Error when a file cannot be written.
void write_report(const Run& run, const Recipe& recipe, const Data& data, const RunFolder& folder);

/// Prints a table of the runs, of which there is at least one. Writes it as summary.txt and comparison.csv,
/// with comparison.svg (see draw_chart) and report.html. Throws hekla::Error when a file cannot be written.
void write_comparison(const std::vector<Run>& runs, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
