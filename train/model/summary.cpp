// Model::summary, in the layout of keras/src/utils/summary_utils.py.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/error.h"
#include "train/grouped.h"
#include "train/model/state.h"
#include "train/text_width.h"
#include "train/utf8.h"

namespace hekla {

namespace {

using Row = std::array<std::string, 3>;

std::string size_text(std::int64_t bytes) {
  constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return fmt::format("{:.2f} {}", size, units[unit]);
}

std::int64_t count_of(const std::vector<Tensor>& tensors) {
  std::int64_t count = 0;
  for (const Tensor& tensor : tensors) count += tensor.count();
  return count;
}

std::vector<Row> rows_of(const Network& network) {
  std::vector<Row> rows;
  std::unordered_set<const Node*> listed;
  for (const LayerRecord& record : network.layers) {
    std::int64_t count = 0;
    for (const Tensor& weight : record.weights) {
      count += weight.count();
      listed.insert(weight.get());
    }
    rows.push_back({fmt::format("{} ({})", record.layer->name(), record.layer->type()),
                    shapes_text(record.outputs), grouped(count)});
  }
  // Variables of a user's own model that belong to no layer.
  for (const Tensor& weight : network.weights()) {
    if (listed.contains(weight.get())) continue;
    rows.push_back({fmt::format("{} (Variable)", weight.node().label), to_string(weight.shape()),
                    grouped(weight.count())});
  }
  return rows;
}

std::string repeated(std::string_view cell, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += cell;
  return text;
}

// Wraps a text into lines of at most `width` columns.
std::vector<std::string> wrapped(std::string text, int width) {
  std::vector<std::string> lines;
  while (text_width(text) > width) {
    const std::size_t bytes = std::max(fitting_bytes(text, width), first_code_point(text).bytes);
    lines.push_back(text.substr(0, bytes));
    text.erase(0, bytes);
  }
  lines.push_back(text);
  return lines;
}

class Table {
 public:
  explicit Table(int width) {
    const auto share = [&](double part) { return static_cast<int>(part * width); };
    widths_ = {share(0.45) - 1, share(0.8) - share(0.45) - 2, width - share(0.8) - 1};
  }

  std::string border(std::string_view left, std::string_view line, std::string_view cross,
                     std::string_view right) const {
    std::string text(left);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      text += repeated(line, widths_[i]);
      text += i + 1 < widths_.size() ? cross : right;
    }
    return text + "\n";
  }

  std::string row(const Row& cells, std::string_view bar) const {
    std::array<std::vector<std::string>, 3> columns;
    std::size_t height = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      columns[i] = wrapped(cells[i], widths_[i] - 2);
      height = std::max(height, columns[i].size());
    }
    std::string text;
    for (std::size_t line = 0; line < height; ++line) {
      text += bar;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string cell = line < columns[i].size() ? columns[i][line] : "";
        const std::string space = repeated(" ", widths_[i] - 2 - text_width(cell));
        // Numbers are right-aligned.
        text +=
            i == 2 ? fmt::format(" {}{} {}", space, cell, bar) : fmt::format(" {}{} {}", cell, space, bar);
      }
      text += "\n";
    }
    return text;
  }

 private:
  std::array<int, 3> widths_;
};

std::string parameters_line(std::string_view what, const std::vector<Tensor>& tensors) {
  return fmt::format(" {} params: {} ({})\n", what, grouped(count_of(tensors)),
                     size_text(4 * count_of(tensors)));
}

}  // namespace

std::string Model::summary(int width) const {
  const Network& network = built(*state_, "summary");
  constexpr int narrowest = 40, widest = 88, margin = 4;
  const Table table(std::clamp(width - margin, narrowest, widest));
  std::string text = fmt::format("Model: \"{}\"\n", network.name);
  text += table.border("┏", "━", "┳", "┓");
  text += table.row({"Layer (type)", "Output Shape", "Param #"}, "┃");
  text += table.border("┡", "━", "╇", "┩");
  const std::vector<Row> rows = rows_of(network);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += table.border("├", "─", "┼", "┤");
    text += table.row(rows[i], "│");
  }
  text += table.border("└", "─", "┴", "┘");

  std::vector<Tensor> of_optimizer, frozen = network.state;
  if (state_->is_compiled) of_optimizer = state_->options.optimizer.variables();
  std::vector<Tensor> all = network.weights();
  all.insert(all.end(), of_optimizer.begin(), of_optimizer.end());
  text += parameters_line("Total", all);
  text += parameters_line("Trainable", network.trainable);
  text += parameters_line("Non-trainable", frozen);
  if (!of_optimizer.empty()) text += parameters_line("Optimizer", of_optimizer);
  return text;
}

}  // namespace hekla
