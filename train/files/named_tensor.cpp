// See named_tensor.h.
#include "train/files/named_tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unordered_set>
#include <vector>

#include "graph/error.h"
#include "train/files/source.h"
#include "train/utf8.h"

namespace hekla {

const Tensor* find(std::span<const NamedTensor> tensors, std::string_view name) {
  for (const NamedTensor& each : tensors) {
    if (each.name == name) return &each.tensor;
  }
  return nullptr;
}

void files::check_names(std::string_view writer, std::string_view path,
                        std::span<const NamedTensor> tensors) {
  std::unordered_set<std::string_view> seen;
  for (const NamedTensor& each : tensors) {
    const auto fail = [&](std::string_view text) {
      throw Error(fmt::format("[{}] {}: tensor {}: {}", writer, path, in_quotes(each.name), text));
    };
    if (!each.tensor.defined()) fail("is an empty tensor; assign it a value first.");
    if (!is_utf8(each.name)) fail("its name is not UTF-8, which the format demands.");
    if (!seen.insert(each.name).second) fail("is there twice; give each a name of its own.");
  }
}

std::string files::names_of(std::span<const NamedTensor> tensors) {
  constexpr std::size_t shown = 20;
  std::vector<std::string> names;
  for (const NamedTensor& each : tensors) {
    if (names.size() < shown) names.push_back(in_quotes(each.name));
  }
  return fmt::format("{} tensors: {}{}", tensors.size(), fmt::join(names, ", "),
                     tensors.size() > shown ? ", ..." : "");
}

const Tensor& files::named(std::string_view reader, std::string_view path,
                           std::span<const NamedTensor> tensors, std::string_view name) {
  if (const Tensor* found = find(tensors, name)) return *found;
  throw Error(fmt::format("[{}] {}: there is no tensor {}; it holds {}.", reader, path, in_quotes(name),
                          names_of(tensors)));
}

}  // namespace hekla
