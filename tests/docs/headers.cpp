// A parser of headers as this repository writes them; it knows no more C++ than they use.
#include "tests/docs/headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

namespace hekla::testing {

namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool starts_with(const std::string& text, std::string_view prefix) { return text.rfind(prefix, 0) == 0; }

std::string joined(const std::string& before, const std::string& line) {
  if (before.empty()) return trimmed(line);
  return before + (starts_with(line, "   ") ? "<br>" : " ") + trimmed(line);
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::ptrdiff_t depth_of(const std::string& text, char open, char close) {
  return std::count(text.begin(), text.end(), open) - std::count(text.begin(), text.end(), close);
}

class Reader {
 public:
  Reader(std::vector<std::string> lines, Header& header) : lines_(std::move(lines)), header_(header) {}

  void read() {
    while (next_ < lines_.size() && starts_with(lines_[next_], "//")) {
      header_.intro = joined(header_.intro, lines_[next_++].substr(2));
    }
    while (next_ < lines_.size() && lines_[next_] != "namespace hekla {" &&
           lines_[next_] != "namespace hekla::torch {")
      ++next_;
    for (++next_; next_ < lines_.size() && !starts_with(lines_[next_], "}  // namespace");) read_line();
  }

 private:
  void read_line() {
    const std::string line = lines_[next_];
    if (trimmed(line).empty()) {
      text_.clear();
      alone_ = true;
      ++next_;
    } else if (starts_with(line, "///")) {
      text_ = joined(text_, line.substr(3));
      ++next_;
    } else if (starts_with(line, "//")) {
      section_.clear();
      alone_ = true;
      while (starts_with(lines_[next_], "//") && !starts_with(lines_[next_], "///")) {
        section_ = joined(section_, lines_[next_++].substr(2));
      }
    } else {
      read_declaration();
    }
  }

  // Reads up to the semicolon or to the end of the body, whichever comes first.
  void read_declaration() {
    std::string declared, behind;
    bool body = false;
    std::ptrdiff_t parentheses = 0;
    for (std::ptrdiff_t depth = 0; next_ < lines_.size();) {
      std::string line = lines_[next_++];
      if (const auto comment = line.find("//"); comment != std::string::npos) {
        if (starts_with(line.substr(comment), "///<")) behind = joined(behind, line.substr(comment + 4));
        line = line.substr(0, comment);
      }
      if (!body) declared += " " + trimmed(line);
      depth += depth_of(line, '{', '}') + depth_of(line, '(', ')');
      parentheses += depth_of(line, '(', ')');
      // Braces between parentheses are a parameter's default.
      body |= parentheses == 0 && line.find('{') != std::string::npos;
      const std::string end = trimmed(line);
      if (depth == 0 && !end.empty() && (end.back() == ';' || end.back() == '}')) break;
    }
    add(trimmed(declared), text_.empty() ? behind : text_);
  }

  void add(std::string declared, const std::string& text) {
    static const std::regex type(R"(^(?:template <.*> )?(struct|class|enum class) (\w+)( final)?(?= [:{]))");
    static const std::regex alias(R"(^using (\w+) = \w+<[\w:, ]+>(?=;))");
    static const std::regex function(R"(^(?:template <.*?> )?(?:inline )?([\w:<> ,]+?[&*]?) (\w+)\()");
    std::smatch match;
    if (std::regex_search(declared, match, type)) {
      header_.declarations.push_back({.names = {match[2]},
                                      .result = "",
                                      .signatures = {match.str()},
                                      .text = text,
                                      .section = section_});
    } else if (std::regex_search(declared, match, alias)) {
      auto& all = header_.declarations;
      if (!text.empty() || alone_ || all.empty())
        all.push_back({.names = {}, .result = "", .signatures = {}, .text = text, .section = section_});
      all.back().names.push_back(match[1]);
      all.back().signatures.push_back(match.str());
    } else if (!starts_with(declared, "extern ") && !starts_with(declared, "using ") &&
               declared.find("operator") == std::string::npos &&
               std::regex_search(declared, match, function)) {
      const std::string signature = without_body(declared);
      auto& all = header_.declarations;
      if (text.empty() && !alone_ && !all.empty() && !all.back().result.empty()) {
        all.back().names.push_back(match[2]);
        all.back().signatures.push_back(signature);
      } else {
        all.push_back({{match[2]}, match[1], {signature}, text, section_});
      }
    }
    text_.clear();
    alone_ = false;
  }

  // The declaration up to the parenthesis that closes its parameters.
  static std::string without_body(const std::string& declared) {
    std::ptrdiff_t depth = 0;
    for (std::size_t i = 0; i < declared.size(); ++i) {
      if (declared[i] == '(') ++depth;
      if (declared[i] == ')' && --depth == 0) {
        const std::string rest = declared.substr(i + 1, 6);
        return declared.substr(0, i + 1) + (starts_with(rest, " const") ? " const" : "");
      }
    }
    return declared;
  }

  std::vector<std::string> lines_;
  Header& header_;
  std::size_t next_ = 0;
  std::string text_, section_;
  bool alone_ = true;  // nothing declared since the last blank line or comment
};

std::string cell(const std::string& text) { return std::regex_replace(text, std::regex(R"(\|)"), R"(\|)"); }

std::string code(const std::string& text) { return fmt::format("`{}`", cell(text)); }

}  // namespace

Header read_header(const std::filesystem::path& root, const std::string& path) {
  Header header{.path = path, .intro = {}, .declarations = {}};
  Reader(lines_of(root / path), header).read();
  return header;
}

std::vector<Header> headers_of(const std::filesystem::path& root, const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    const std::string path = std::filesystem::relative(entry.path(), root).generic_string();
    if (entry.path().extension() == ".h") paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    const auto folders = [](const std::string& path) { return std::count(path.begin(), path.end(), '/'); };
    return std::pair(folders(a), a) < std::pair(folders(b), b);
  });
  std::vector<Header> headers;
  for (const std::string& path : paths) {
    Header header = read_header(root, path);
    if (!header.declarations.empty()) headers.push_back(std::move(header));
  }
  return headers;
}

std::string page_of(const std::string& title, const std::string& intro, const std::vector<Header>& headers) {
  std::string page = fmt::format("# {}\n\n{}\n", title, intro);
  for (const Header& header : headers) {
    page += "\n## " + header.path + "\n\n" + header.intro + "\n";
    std::string section;
    bool open = false;
    for (const Declaration& declaration : header.declarations) {
      if (declaration.section != section) {
        section = declaration.section;
        page += "\n" + section + "\n";
        open = false;
      }
      if (!open) page += "\n| declaration | what it is |\n| --- | --- |\n";
      open = true;
      std::string signatures;
      for (const std::string& signature : declaration.signatures) {
        signatures += (signatures.empty() ? "" : "<br>") + code(signature);
      }
      page += "| " + signatures + " | " + cell(declaration.text) + " |\n";
    }
  }
  return page;
}

}  // namespace hekla::testing
