// Pieces of HTML pages that need nothing but themselves.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hekla::fashion_mnist {

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

}  // namespace hekla::fashion_mnist
