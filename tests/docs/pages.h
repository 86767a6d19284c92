// Reads the pages of docs/ and extracts the code they show.
#pragma once

#include <string>
#include <vector>

namespace hekla::testing {

/// The text of a file of the repository.
std::string text_of(const std::string& path);

/// The C++ code blocks on a page.
std::vector<std::string> examples_in(const std::string& page);

/// Every line without its indentation.
std::string unindented(const std::string& code);

/// Code without whitespace and comments, for comparisons that ignore layout.
std::string essence(const std::string& code);

}  // namespace hekla::testing
