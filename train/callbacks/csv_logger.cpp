// See csv_logger.h.
#include "train/callbacks/csv_logger.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "graph/error.h"

namespace hekla {

CSVLogger::CSVLogger(std::filesystem::path path, char separator, bool append)
    : path_(std::move(path)), separator_(separator), append_(append) {}

void CSVLogger::on_train_begin(Model&) {
  columns_.clear();
  if (append_) {
    std::ifstream before(path_);
    std::string header, cell;
    if (std::getline(before, header)) {
      std::istringstream cells(header);
      std::getline(cells, cell, separator_);  // the epoch
      while (std::getline(cells, cell, separator_)) columns_.push_back(cell);
    }
  }
  file_ = std::ofstream(path_, append_ ? std::ios::app : std::ios::trunc);
  if (!file_) throw Error(fmt::format("[csv_logger] {} cannot be opened for writing.", path_.string()));
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
