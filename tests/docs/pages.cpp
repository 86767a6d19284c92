// See pages.h.
#include "tests/docs/pages.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "tests/support/repository.h"

namespace hekla::testing {

std::string text_of(const std::string& path) {
  std::ifstream file(repository() / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> examples_in(const std::string& page) {
  const std::string begin = "```cpp\n";
  std::vector<std::string> examples;
  for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
    at += begin.size();
    const std::size_t end = page.find("```", at);
    examples.push_back(page.substr(at, end - at));
    at = end;
  }
  return examples;
}

std::string unindented(const std::string& code) {
  std::string kept;
  for (const char c : code) {
    const bool leads = kept.empty() || kept.back() == '\n';
    if (!leads || c != ' ') kept += c;
  }
  return kept;
}

std::string essence(const std::string& code) {
  std::string kept;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code.compare(i, 2, "//") == 0) i = std::min(code.find('\n', i), code.size() - 1);
    if (!std::isspace(static_cast<unsigned char>(code[i]))) kept += code[i];
  }
  return kept;
}

}  // namespace hekla::testing
