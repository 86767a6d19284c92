// Comma-separated values as RFC 4180 defines them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::files {

/// A field of a record, and where it begins, counted from 1.
struct CsvField {
  std::string text;
  std::int64_t line = 1;
  std::int64_t column = 1;  ///< in bytes
};

/// Reads the records of a text: fields between delimiters, up to a line feed with or without a carriage return before it.
/// A field in quotes may hold delimiters, line breaks, and quotes, each of which is doubled. Spaces belong to the field.
/// Empty lines are skipped, and so is a byte order mark at the beginning.
class CsvReader {
 public:
  /// `name` opens the error texts: "[reader] path". The text must outlive this.
  CsvReader(std::string name, std::string_view text, char delimiter = ',');

  /// Reads the next record into `fields`; false at the end. Throws hekla::Error on a quote inside a field that is not in
  /// quotes, on text after the closing quote, and on a quote that is not closed.
  bool next(std::vector<CsvField>& fields);

  /// Throws hekla::Error `name, line L, column C: text`.
  [[noreturn]] void fail(const CsvField& at, std::string_view text) const;

 private:
  void read_quoted(CsvField& field);
  void read_plain(CsvField& field);
  /// Takes the next character; counts lines and columns.
  char take();
  bool at_end() const { return at_ == text_.size(); }
  bool at_line_end() const;

  std::string name_;
  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1, column_ = 1;
};

}  // namespace hekla::files
