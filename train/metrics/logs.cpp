// See logs.h.
#include "train/metrics/logs.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

double Logs::operator[](std::string_view name) const {
  if (const double* value = find(name)) return *value;
  throw Error(fmt::format("[logs] nothing is called '{}'; there is {}.", name, names()));
}

const double* Logs::find(std::string_view name) const {
  for (const auto& [word, value] : entries_) {
    if (word == name) return &value;
  }
  return nullptr;
}

std::string Logs::names() const {
  std::string all;
  for (const auto& [word, value] : entries_) all += fmt::format("{}{}", all.empty() ? "" : ", ", word);
  return all.empty() ? "nothing" : all;
}

void Logs::set(std::string_view name, double value) {
  for (auto& [word, old] : entries_) {
    if (word == name) {
      old = value;
      return;
    }
  }
  entries_.emplace_back(name, value);
}

void Logs::add(const Logs& others, std::string_view prefix) {
  for (const auto& [word, value] : others) set(fmt::format("{}{}", prefix, word), value);
  for (const auto& [word, tensor] : others.tensors) tensors[fmt::format("{}{}", prefix, word)] = tensor;
}

}  // namespace hekla
