// Comparisons and logic.
#include "ops/cast.h"
#include "ops/elementwise.h"
#include "ops/finite.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

template <auto function>
Results comparison(const Call& call) {
  return {function(call[0], second_operand(call))};
}

Results is_inf(const Call& call) {
  const Tensor& x = call[0];
  const bool negative = call.flag("detect_negative", true);
  const bool positive = call.flag("detect_positive", true);
  if (negative && positive) return {isinf(x)};
  if (negative) return {isinf(x) && x < 0};
  if (positive) return {isinf(x) && x > 0};
  return {x != x && x == x};
}

Results is_nan(const Call& call) { return {isnan(call[0])}; }

Results choose(const Call& call) { return {Operand(where(call[0], call[1], call[2]), call.operand(1).type)}; }

}  // namespace

std::vector<Conversion> comparisons() {
  return {
      {"And", comparison<hekla::logical_and>, {"axis", "broadcast"}},
      {"Equal", comparison<hekla::equal>, {"axis", "broadcast"}},
      {"Greater", comparison<hekla::greater>, {"axis", "broadcast"}},
      {"GreaterOrEqual", comparison<hekla::greater_equal>},
      {"IsInf", is_inf, {"detect_negative", "detect_positive"}},
      {"IsNaN", is_nan},
      {"Less", comparison<hekla::less>, {"axis", "broadcast"}},
      {"LessOrEqual", comparison<hekla::less_equal>},
      {"Not", unary<hekla::logical_not>},
      {"Or", comparison<hekla::logical_or>, {"axis", "broadcast"}},
      {"Where", choose},
      {"Xor", comparison<hekla::logical_xor>, {"axis", "broadcast"}},
  };
}

}  // namespace hekla::onnx
