// See csv.h. The grammar is short, and an error is to name the line and column of a field. Debian's parsers in C and C++ do
// not tell those (libcsv), or know no line breaks inside of quotes (fast-cpp-csv-parser).
#include "train/files/csv.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"

namespace hekla::files {

CsvReader::CsvReader(std::string name, std::string_view text, char delimiter)
    : name_(std::move(name)), text_(text), delimiter_(delimiter) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

bool CsvReader::next(std::vector<CsvField>& fields) {
  while (!at_end() && at_line_end()) take();
  if (at_end()) return false;
  fields.clear();
  while (true) {
    CsvField& field = fields.emplace_back(CsvField{.line = line_, .column = column_});
    if (!at_end() && text_[at_] == '"')
      read_quoted(field);
    else
      read_plain(field);
    if (at_end()) return true;
    const char after = take();
    if (after == delimiter_) continue;
    if (after == '\r') take();
    return true;
  }
}

void CsvReader::read_plain(CsvField& field) {
  while (!at_end() && !at_line_end() && text_[at_] != delimiter_) {
    if (text_[at_] == '"')
      fail(field, "a quote inside a field; a field with quotes is put in quotes, and they are doubled.");
    field.text += take();
  }
}

void CsvReader::read_quoted(CsvField& field) {
  take();
  while (true) {
    if (at_end()) fail(field, "the quote that begins here is not closed.");
    const char c = take();
    if (c == '"' && (at_end() || text_[at_] != '"')) break;
    field.text += c == '"' ? take() : c;
  }
  if (!at_end() && !at_line_end() && text_[at_] != delimiter_)
    fail(field, "text follows the quote that closes this field; a quote inside of it is doubled.");
}

bool CsvReader::at_line_end() const {
  return text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
}

char CsvReader::take() {
  const char c = text_[at_++];
  if (c == '\n') {
    ++line_;
    column_ = 1;
  } else {
    ++column_;
  }
  return c;
}

void CsvReader::fail(const CsvField& at, std::string_view text) const {
  throw Error(fmt::format("{}, line {}, column {}: {}", name_, at.line, at.column, text));
}

}  // namespace hekla::files
