// Reports: what a run was and what came of it, as text and as HTML pages that need nothing but themselves.
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

/// The text with &, <, > and quotes as HTML writes them.
std::string escaped(std::string_view text);

/// Bytes as a URL that holds them: data:image/png;base64,...
std::string data_url(std::string_view type, std::string_view bytes);

/// One of gnuplot's SVG files as a part of a page; on dark screens its light and dark change places.
std::string inline_svg(std::string_view svg);

/// A table; the cells are HTML. The first column is text, the others are numbers.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

/// What stands large at the top: numbers with their names.
std::string headline(const std::vector<std::pair<std::string, std::string>>& numbers);

/// A whole page, for light and dark screens and for paper.
std::string page(std::string_view title, std::string_view lead, std::string_view body);

/// Names and values: device, data, optimizer, ...
std::vector<std::pair<std::string, std::string>> settings_of(const Run& run);

/// The command that does the same again.
std::string command_of(const Run& run);

/// The two lines with which a run ends: loss and accuracy, validation and test.
std::string result_lines(const Run& run);

/// Settings, model, epochs and results.
std::string summary_text(const Run& run);

/// Writes summary.txt, mistakes.png, the charts (see draw_chart) and report.html, which holds all of it.
/// Throws hekla::Error when a file cannot be written.
void write_report(const Run& run, const Recipe& recipe, const Data& data, const RunFolder& folder);

/// Prints the table of the runs, of which there is at least one, and writes it as summary.txt and
/// comparison.csv, with comparison.svg (see draw_chart) and report.html. Throws hekla::Error when a file
/// cannot be written.
void write_comparison(const std::vector<Run>& runs, const RunFolder& folder);

}  // namespace hekla::fashion_mnist
