// See history_file.h.
#include "examples/fashion_mnist/history_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "graph/error.h"
#include "train/files/atomic_file.h"

namespace hekla::fashion_mnist {

namespace {

constexpr std::string_view header = "epoch,accuracy,loss,val_accuracy,val_loss";

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty() || lines[0] != header)
    throw Error(fmt::format("[history] {} is no history of a run; its first line must be {}.", path.string(),
                            header));
  return lines;
}

// The text up to the next comma, which is taken off.
template <class Number>
Number take_number(std::string_view& text, std::string_view line, const std::filesystem::path& path) {
  const std::size_t end = std::min(text.find(','), text.size());
  Number value{};
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + end, value);
  if (failure != std::errc() || stop != text.data() + end)
    throw Error(fmt::format("[history] {}: '{}' is not five numbers.", path.string(), line));
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

}  // namespace

std::vector<EpochNumbers> read_history(const std::filesystem::path& path) {
  const std::vector<std::string> lines = read_lines(path);
  std::vector<EpochNumbers> history;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view rest = lines[i];
    EpochNumbers numbers{.epoch = take_number<int>(rest, lines[i], path)};
    for (double* value : {&numbers.accuracy, &numbers.loss, &numbers.val_accuracy, &numbers.val_loss})
      *value = take_number<double>(rest, lines[i], path);
    history.push_back(numbers);
  }
  return history;
}

void keep_epochs(const std::filesystem::path& path, int epochs) {
  const std::vector<std::string> lines = read_lines(path);
  const auto wanted = static_cast<std::size_t>(epochs) + 1;
  if (lines.size() < wanted)
    throw Error(fmt::format("[history] {} has {} epochs, but the saved state has {}; train anew.",
                            path.string(), lines.size() - 1, epochs));
  std::string text;
  for (std::size_t i = 0; i < wanted; ++i) text += lines[i] + "\n";
  write_file(path, text);
}

const EpochNumbers& kept_epoch(const std::vector<EpochNumbers>& history, bool keeps_best) {
  if (!keeps_best) return history.back();
  return *std::ranges::min_element(history, {}, &EpochNumbers::val_loss);
}

}  // namespace hekla::fashion_mnist
