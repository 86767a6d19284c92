// Reading the pages of docs/ and the code they show.
#pragma once

#include <string>
#include <vector>

namespace hekla::testing {

/// The text of a file of the repository.
std::string text_of(const std::string& path);

/// The blocks of C++ on a page.
std::vector<std::string> examples_in(const std::string& page);

/// Every line without the blanks it begins with.
std::string unindented(const std::string& code);

/// Without blanks and comments, for places that lay code out differently.
std::string essence(const std::string& code);

}  // namespace hekla::testing
