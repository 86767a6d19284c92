// See csv_logger.h.
#include "train/callbacks/csv_logger.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "graph/error.h"

namespace hekla {

CSVLogger::CSVLogger(std::filesystem::path path, char separator, bool append)
    : path_(std::move(path)), separator_(separator), append_(append) {}

void CSVLogger::on_train_begin(Model&) {
  columns_.clear();
  if (append_) take_up();
  file_ = std::ofstream(path_, append_ ? std::ios::app : std::ios::trunc);
  if (!file_) throw Error(fmt::format("[csv_logger] {} cannot be opened for writing.", path_.string()));
}

// Cuts the file after its last whole line and reads its columns.
void CSVLogger::take_up() {
  std::ifstream before(path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(before), {}};
  before.close();
  const std::size_t whole = text.rfind('\n') + 1;  // 0 where there is no line
  std::error_code failure;                         // is found when the file is opened
  if (whole < text.size()) std::filesystem::resize_file(path_, whole, failure);
  std::istringstream cells(text.substr(0, std::min(text.find('\n'), whole)));
  std::string cell;
  std::getline(cells, cell, separator_);  // the epoch
  while (std::getline(cells, cell, separator_)) columns_.push_back(cell);
}

void CSVLogger::on_epoch_end(Model&, int epoch, Logs& logs) {
  if (columns_.empty()) {
    for (const auto& [name, value] : logs) columns_.push_back(name);
    std::sort(columns_.begin(), columns_.end());
    std::string header = "epoch";
    for (const std::string& column : columns_) header += separator_ + column;
    write(header);
  }
  std::string line = std::to_string(epoch);
  for (const std::string& column : columns_) {
    const double* value = logs.find(column);
    line += separator_;
    line += value ? fmt::format("{}", *value) : "NA";
  }
  write(line);
}

void CSVLogger::on_train_end(Model&) { file_.close(); }

void CSVLogger::write(const std::string& line) {
  file_ << line << '\n' << std::flush;
  if (!file_)
    throw Error(fmt::format("[csv_logger] {} cannot be written; is the disk full?", path_.string()));
}

}  // namespace hekla
