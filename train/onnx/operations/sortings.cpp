// Sorting.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reorder.h"
#include "ops/sort.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

Results top_k_of(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis("axis", -1, x.rank());
  const std::int64_t k = call.opset() < 10 ? call.integer("k") : call.known_integer(1);
  if (k < 0 || k > x.size(axis)) call.fail(fmt::format("{} of {} elements.", k, x.size(axis)));
  const Order order = call.flag("largest", true) ? Order::descending : Order::ascending;
  std::vector<Range> first(static_cast<std::size_t>(x.rank()));
  first[static_cast<std::size_t>(axis)].stop = k;
  const Tensor indices = slice(argsort(x, axis, order), first);
  return {Operand(take_along_axis(x, indices, axis), call.operand(0).type), int64(indices)};
}

// Of elements that are known: how many differ is the result's shape.
Results unique(const Call& call) {
  if (call.has_attribute("axis")) call.fail("unique slices of an axis are not supported.");
  const std::vector<double> elements = call.known_numbers(0);
  struct Found {
    std::int64_t first;
    std::int64_t count;
  };
  std::map<double, Found> found;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto place = found.try_emplace(elements[i], static_cast<std::int64_t>(i), 0).first;
    ++place->second.count;
  }
  std::vector<std::pair<double, Found>> order(found.begin(), found.end());
  if (!call.flag("sorted", true))
    std::ranges::sort(order, std::less(), [](const auto& each) { return each.second.first; });
  std::vector<double> values;
  std::vector<std::int64_t> firsts;
  std::vector<std::int64_t> counts;
  std::map<double, std::int64_t> positions;
  for (const auto& [value, each] : order) {
    positions[value] = static_cast<std::int64_t>(values.size());
    values.push_back(value);
    firsts.push_back(each.first);
    counts.push_back(each.count);
  }
  std::vector<std::int64_t> inverse;
  for (const double element : elements) inverse.push_back(positions[element]);
  const auto list = [](const std::vector<std::int64_t>& integers) {
    return int64(
        tensor(std::span<const std::int64_t>(integers), Shape{static_cast<std::int64_t>(integers.size())}));
  };
  const Tensor distinct =
      tensor(std::span<const double>(values), Shape{static_cast<std::int64_t>(values.size())});
  return {Operand(cast(distinct, call[0].dtype()), call.operand(0).type), list(firsts), list(inverse),
          list(counts)};
}

}  // namespace

std::vector<Conversion> sortings() {
  return {
      {"TopK", top_k_of, {"axis", "k", "largest", "sorted"}},
      {"Unique", unique, {"axis", "sorted"}},
  };
}

}  // namespace hekla::onnx
