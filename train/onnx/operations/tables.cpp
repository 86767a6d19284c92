// See tables.h and call.h.
#include "train/onnx/operations/tables.h"

#include <algorithm>
#include <map>

#include "ops/view.h"

namespace hekla::onnx {

namespace {

using Table = std::map<std::string_view, Conversion>;

const Table& table() {
  static const Table all = [] {
    Table made;
    for (const auto& part :
         {activations(), arithmetic(), attentions(),    comparisons(), control_flow(), convolutions(),
          creations(),   cuts(),       gathers(),       images(),      losses(),       normalizations(),
          poolings(),    products(),   quantizations(), recurrences(), reductions(),   scatters(),
          shapes(),      signals(),    sortings()}) {
      for (const Conversion& conversion : part) made.emplace(conversion.op_type, conversion);
    }
    return made;
  }();
  return all;
}

}  // namespace

const Conversion* find_conversion(std::string_view domain, std::string_view op_type) {
  const auto found = table().find(op_type);
  return domain.empty() && found != table().end() ? &found->second : nullptr;
}

std::vector<std::string_view> converted_operations() {
  std::vector<std::string_view> names;
  for (const auto& [name, conversion] : table()) names.push_back(name);
  return names;
}

Tensor second_operand(const Call& call) {
  const Tensor& b = call[1];
  if (call.opset() >= 7 || !call.has_attribute("axis")) return b;
  const int after = call[0].rank() - call.axis("axis", -1, call[0].rank()) - b.rank();
  std::vector<std::int64_t> sizes(b.shape().begin(), b.shape().end());
  sizes.insert(sizes.end(), static_cast<std::size_t>(std::max(after, 0)), 1);
  return reshape(b, sizes);
}

Operand like(const Operand& operand, const Tensor& result) {
  switch (operand.type) {
    case ElementType::u8:
    case ElementType::i8:
    case ElementType::u16:
    case ElementType::i16: return {rounded(result, operand.type), operand.type};
    default: return {result, operand.type};
  }
}

}  // namespace hekla::onnx
