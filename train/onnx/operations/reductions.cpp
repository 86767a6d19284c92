// Reductions, and what finds positions of extremes.
#include <algorithm>
#include <limits>
#include <numeric>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/rounding.h"
#include "ops/scan.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Fold = Tensor (*)(const Tensor& x, const Axes& axes);

Tensor sum_of(const Tensor& x, const Axes& axes) { return sum(x, axes, KeepDims::yes); }
Tensor prod_of(const Tensor& x, const Axes& axes) { return prod(x, axes, KeepDims::yes); }
Tensor l1_of(const Tensor& x, const Axes& axes) { return sum_of(abs(x), axes); }
Tensor sum_square_of(const Tensor& x, const Axes& axes) { return sum_of(x * x, axes); }
Tensor log_sum_of(const Tensor& x, const Axes& axes) { return log(sum_of(x, axes)); }

Tensor l2_of(const Tensor& x, const Axes& axes) {
  return cast(norm(cast(x, DType::f32), 2, axes, KeepDims::yes), x.dtype());
}

Tensor mean_of(const Tensor& x, const Axes& axes) {
  return cast(mean(cast(x, DType::f32), axes, KeepDims::yes), x.dtype());
}

bool is_empty(const Tensor& x, const Axes& axes) {
  return std::ranges::any_of(axes, [&](int axis) { return x.size(axis) == 0; });
}

Tensor log_sum_exp_of(const Tensor& x, const Axes& axes) {
  if (is_empty(x, axes)) return log(sum_of(x, axes));
  return cast(logsumexp(cast(x, DType::f32), axes, KeepDims::yes), x.dtype());
}

// Of nothing, the extreme is the end of the type's range.
template <auto function>
Tensor extreme(const Tensor& x, const Axes& axes, bool is_max) {
  if (!is_empty(x, axes)) {
    const bool is_bool = x.dtype() == DType::boolean;
    return cast(function(is_bool ? cast(x, DType::i32) : x, axes, KeepDims::yes), x.dtype());
  }
  Shape shape = x.shape();
  for (const int axis : axes) shape[axis] = 1;
  const double end =
      is_max ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  return cast(full(shape, end), x.dtype());
}

Tensor max_of(const Tensor& x, const Axes& axes) { return extreme<hekla::max>(x, axes, true); }
Tensor min_of(const Tensor& x, const Axes& axes) { return extreme<hekla::min>(x, axes, false); }

template <Fold fold>
Results reduction(const Call& call) {
  const Tensor& x = call[0];
  std::vector<int> axes;
  for (const std::int64_t axis : call.integers_of("axes", 1).value_or(std::vector<std::int64_t>()))
    axes.push_back(call.axis_at(axis, x.rank()));
  if (axes.empty() && call.flag("noop_with_empty_axes"))
    return {like(call.operand(0), fold(expand_dims(x, 0), 0)[0])};
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(x.rank()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (axes.empty()) return {like(call.operand(0), fold(expand_dims(x, 0), 0)[0])};
  const Tensor folded = fold(x, axes);
  return {like(call.operand(0), call.flag("keepdims", true) ? folded : squeeze(folded, axes))};
}

template <auto function>
Results position(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis("axis", 0, x.rank());
  const KeepDims keep = call.flag("keepdims", true) ? KeepDims::yes : KeepDims::no;
  if (!call.flag("select_last_index")) return {int64(function(x, axis, keep))};
  return {int64(static_cast<int>(x.size(axis)) - 1 - function(flip(x, axis), axis, keep))};
}

// Row-wise sums before each element, or from it on.
Results cumulative_sum(const Call& call) {
  const Tensor& x = call[0];
  const int axis = call.axis_at(call.known_integer(1), x.rank());
  const bool reverse = call.flag("reverse");
  Tensor result = reverse ? flip(x, axis) : x;
  if (call.flag("exclusive")) {
    std::vector<Padding> shifted(static_cast<std::size_t>(x.rank()));
    shifted[static_cast<std::size_t>(axis)] = {.low = 1};
    std::vector<Range> all_but_last(static_cast<std::size_t>(x.rank()));
    all_but_last[static_cast<std::size_t>(axis)] = {.stop = -1};
    result = pad(slice(result, all_but_last), shifted);
  }
  result = cast(cumsum(result, axis), x.dtype());
  return {like(call.operand(0), reverse ? flip(result, axis) : result)};
}

}  // namespace

std::vector<Conversion> reductions() {
  const std::vector<std::string_view> attributes = {"axes", "keepdims", "noop_with_empty_axes"};
  const std::vector<std::string_view> of_position = {"axis", "keepdims", "select_last_index"};
  return {
      {"ArgMax", position<hekla::argmax>, of_position},
      {"ArgMin", position<hekla::argmin>, of_position},
      {"CumSum", cumulative_sum, {"exclusive", "reverse"}},
      {"ReduceL1", reduction<l1_of>, attributes},
      {"ReduceL2", reduction<l2_of>, attributes},
      {"ReduceLogSum", reduction<log_sum_of>, attributes},
      {"ReduceLogSumExp", reduction<log_sum_exp_of>, attributes},
      {"ReduceMax", reduction<max_of>, attributes},
      {"ReduceMean", reduction<mean_of>, attributes},
      {"ReduceMin", reduction<min_of>, attributes},
      {"ReduceProd", reduction<prod_of>, attributes},
      {"ReduceSum", reduction<sum_of>, attributes},
      {"ReduceSumSquare", reduction<sum_square_of>, attributes},
  };
}

}  // namespace hekla::onnx
