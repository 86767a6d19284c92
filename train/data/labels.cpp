// See labels.h.
#include "train/data/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "graph/error.h"

namespace hekla {

namespace {

template <class T>
LabelRange range_of(std::span<const T> labels) {
  if (labels.empty()) return {};
  T smallest = labels[0], largest = labels[0];
  bool is_whole = true;
  for (const T label : labels) {
    smallest = std::min(smallest, label);
    largest = std::max(largest, label);
    if constexpr (std::is_floating_point_v<T>) is_whole &= label == std::trunc(label);
  }
  return {static_cast<double>(smallest), static_cast<double>(largest), is_whole};
}

template <class T>
LabelRange range_of(const HostArray& labels) {
  return range_of(
      std::span(reinterpret_cast<const T*>(labels.bytes().data()), static_cast<std::size_t>(labels.count())));
}

std::string rule_of(const LabelRange& range, std::int64_t classes) {
  if (classes == 0) return "labels are whole numbers.";
  if (classes == 1)
    return "a sparse loss takes a score for each class; one output for two classes goes with "
           "binary_crossentropy.";
  std::string rule = fmt::format("labels are whole numbers from 0 to {}", classes - 1);
  if (range.is_whole && range.smallest == 1 && range.largest == static_cast<double>(classes))
    rule += "; those that begin with 1 are to be lowered by 1";
  return rule + ".";
}

}  // namespace

LabelRange label_range(const Tensor& labels) {
  const HostArray elements = labels.to_host();
  switch (elements.format()) {
    case HostArray::Format::f64:
      return range_of<double>(elements);
    case HostArray::Format::f32:
      return range_of<float>(elements);
    case HostArray::Format::i32:
      return range_of<std::int32_t>(elements);
    case HostArray::Format::u32:
      return range_of<std::uint32_t>(elements);
    case HostArray::Format::u8:
      return range_of<std::uint8_t>(elements);
  }
  return {};
}

std::optional<std::int64_t> first_outside(const Tensor& labels, double begin, double end,
                                          const std::vector<std::int32_t>* picked) {
  const HostArray elements = labels.to_host();
  const std::int64_t each = labels.size(0) == 0 ? 0 : labels.count() / labels.size(0);
  std::optional<std::int64_t> found;
  for (std::int64_t i = 0, n = picked ? static_cast<std::int64_t>(picked->size()) : labels.size(0); i < n;
       ++i) {
    const std::int64_t example = picked ? (*picked)[static_cast<std::size_t>(i)] : i;
    if (found && *found / each <= example) continue;
    for (std::int64_t at = example * each; at < (example + 1) * each; ++at) {
      const double label = elements.at(at);
      if (label >= begin && label < end && label == std::trunc(label)) continue;
      found = at;
      break;
    }
  }
  return found;
}

void check_labels(std::string_view caller, const Tensor& labels, std::int64_t classes, std::int64_t first,
                  const std::vector<std::int32_t>* picked) {
  const double end = classes == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(classes);
  const std::optional<std::int64_t> found = first_outside(labels, classes == 0 ? -end : 0, end, picked);
  if (!found) return;
  const std::int64_t each = labels.count() / labels.size(0);
  const std::string fact =
      fmt::format("the label of example {} is {}", first + *found / each, labels.to_host().at(*found));
  const std::string model =
      classes == 0 ? ""
                   : fmt::format(", but the model tells {} class{} apart", classes, classes == 1 ? "" : "es");
  throw Error(fmt::format("[{}] {}{}; {}", caller, fact, model, rule_of(label_range(labels), classes)));
}

}  // namespace hekla
