#include "backends/common/code.h"

#include <fmt/format.h>

#include <algorithm>

namespace hekla::backend {

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

SourceMap::Place SourceMap::at(int number, int line) const {
  const auto text = std::ranges::find(texts, number, &Text::number);
  const int of_shader = text == texts.end() ? line : text->first_line + line - 1;
  if (text != texts.end() && text->op != nullptr) return {of_shader, line, text->op, text->part};
  const auto expression = std::ranges::find(expressions, of_shader, &Expression::line);
  return {of_shader, line, expression == expressions.end() ? nullptr : expression->op, {}};
}

Code& Code::operator+=(std::string_view text) {
  text_ += text;
  lines_ += static_cast<int>(std::ranges::count(text, '\n'));
  return *this;
}

Code& Code::operator+=(const Code& code) {
  for (SourceMap::Text text : code.map_.texts) {
    text.first_line += lines_;
    map_.texts.push_back(text);
  }
  for (const auto& [line, op] : code.map_.expressions) map_.expressions.push_back({lines_ + line, op});
  return *this += std::string_view(code.text_);
}

void Code::add_expression(std::string_view text, const Op& op) {
  const int first = lines_ + 1;
  *this += text;
  for (int line = first; line <= lines_ + 1; ++line) map_.expressions.push_back({line, &op});
  *this += fmt::format("  // {}\n", op.name);
}

void Code::add_text_of(const Op& op, std::string_view part, std::string_view text, int number) {
  *this += fmt::format("// {}: {}\n", op.name, part);
  begin_text(number);
  map_.texts.back().op = &op;
  map_.texts.back().part = part;
  *this += text;
  *this += "\n";
}

void Code::begin_text(int number) {
  *this +=
      fmt::format(fmt::runtime(names_ == LineNames::strings ? "#line 1 \"{}\"\n" : "#line 1 {}\n"), number);
  map_.texts.push_back({.number = number, .first_line = lines_ + 1});
}

Code Code::with_prefix(std::string_view prefix) const {
  Code result = *this;
  result.text_.clear();
  for (const char c : text_) {
    if (c == '$') {
      result.text_ += prefix;
    } else {
      result.text_ += c;
    }
  }
  return result;
}

}  // namespace hekla::backend
