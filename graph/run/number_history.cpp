#include "graph/run/number_history.h"

#include <bit>
#include <cstdint>

namespace hekla {

namespace {

// Limit of the table of histories; beyond it the table is cleared.
constexpr std::size_t most_histories = 4096;

bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

}  // namespace

const std::vector<bool>& NumberHistory::changed(std::size_t structure, std::span<const double> values) {
  if (entries_.size() >= most_histories && !entries_.contains(structure)) entries_.clear();
  Entry& entry = entries_[structure];
  if (entry.first.size() != values.size()) {
    entry = {.first = {values.begin(), values.end()}, .changed = std::vector<bool>(values.size())};
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!same(values[i], entry.first[i])) entry.changed[i] = true;
  }
  return entry.changed;
}

}  // namespace hekla
