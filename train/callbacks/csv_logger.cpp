// See csv_logger.h.
#include "train/callbacks/csv_logger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "graph/error.h"
#include "train/files/csv.h"

namespace hekla {

namespace {

// The end of the line that begins at `begin`: its line feed, or npos. Line feeds inside quotes do not count.
std::size_t end_of_line(std::string_view text, std::size_t begin) {
  bool is_quoted = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '"') is_quoted = !is_quoted;
    if (text[at] == '\n' && !is_quoted) return at;
  }
  return std::string_view::npos;
}

// The number that a line begins with; -1 for the header.
int epoch_of(std::string_view line) {
  int epoch = -1;
  std::from_chars(line.data(), line.data() + line.size(), epoch);
  return epoch;
}

}  // namespace

CSVLogger::CSVLogger(std::filesystem::path path, char separator, bool append)
    : path_(std::move(path)), separator_(separator), append_(append) {}

void CSVLogger::on_train_begin(Model&) {
  columns_.clear();
  last_.clear();
  found_again_ = 0;
  is_begun_ = false;
  if (append_) take_up();
  file_ = std::ofstream(path_, std::ios::binary | (append_ ? std::ios::app : std::ios::trunc));
  if (!file_) throw Error(fmt::format("[csv_logger] {} cannot be opened for writing.", path_.string()));
}

// Truncates the file after its last complete line. Reads its columns and the lines of its last training.
void CSVLogger::take_up() {
  std::ifstream before(path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(before), {}};
  before.close();
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = end_of_line(text, begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    const int epoch = epoch_of(line);
    if (begin == 0) columns_ = cells(text.substr(0, end + 1));
    if (!last_.empty() && epoch <= last_.back().epoch) last_.clear();
    if (epoch >= 0) last_.push_back({epoch, line, begin});
  }
  if (!columns_.empty()) columns_.erase(columns_.begin());  // the epoch
  if (begin < text.size()) cut(begin);
}

void CSVLogger::cut(std::size_t size) {
  std::error_code failure;
  std::filesystem::resize_file(path_, size, failure);
  if (failure)
    throw Error(fmt::format("[csv_logger] {} cannot be shortened to its last whole line ({}).",
                            path_.string(), failure.message()));
}

void CSVLogger::on_epoch_begin(Model&, int epoch) {
  if (std::exchange(is_begun_, true) || epoch == 0) return;
  const auto superseded = std::ranges::find_if(last_, [&](const Line& line) { return line.epoch >= epoch; });
  if (superseded != last_.end()) cut(superseded->begin);
  last_.clear();
}

void CSVLogger::on_epoch_end(Model&, int epoch, Logs& logs) {
  if (columns_.empty()) {
    for (const auto& [name, value] : logs) columns_.push_back(name);
    columns_.insert(columns_.end(), logs.awaited.begin(), logs.awaited.end());
    std::ranges::sort(columns_);
    std::string header = "epoch";
    for (const std::string& column : columns_) header += separator_ + cell(column);
    write(header);
  }
  std::string line = std::to_string(epoch);
  for (const std::string& column : columns_) {
    const double* value = logs.find(column);
    line += separator_ + cell(value ? fmt::format("{}", *value) : "NA");
  }
  if (found_again_ < last_.size() && last_[found_again_].text == line) {
    ++found_again_;
    return;
  }
  last_.clear();
  write(line);
}

void CSVLogger::on_train_end(Model&) { file_.close(); }

std::string CSVLogger::cell(const std::string& text) const {
  if (text.find_first_of(std::string("\"\r\n") + separator_) == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string(2, c) : std::string(1, c);
  return quoted + '"';
}

std::vector<std::string> CSVLogger::cells(std::string_view line) const {
  std::vector<files::CsvField> fields;
  files::CsvReader(fmt::format("[csv_logger] {}", path_.string()), line, separator_).next(fields);
  std::vector<std::string> all;
  for (files::CsvField& field : fields) all.push_back(std::move(field.text));
  return all;
}

void CSVLogger::write(const std::string& line) {
  file_ << line << '\n' << std::flush;
  if (!file_)
    throw Error(fmt::format("[csv_logger] {} cannot be written; is the disk full?", path_.string()));
}

}  // namespace hekla
