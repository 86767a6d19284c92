// See permuted.h.
#include "train/onnx/operations/permuted.h"

#include "ops/view.h"

namespace hekla::onnx {

namespace {

std::vector<int> order_of(const Tensor& x) {
  const std::vector<std::int64_t>& axes = x.node().attributes.integers;
  return {axes.begin(), axes.end()};
}

}  // namespace

bool is_permuted(const Tensor& x) { return x.node().op == &permute_op; }

Tensor before_permutation(const Tensor& x) { return x.node().inputs[0]; }

Tensor permuted_as(const Tensor& x, const Tensor& y) { return permute(y, order_of(x)); }

Tensor permuted_back(const Tensor& x, const Tensor& b) {
  if (b.count() == 1) return reshape(b, Shape{});
  if (is_permuted(b) && b.shape() == x.shape() && order_of(b) == order_of(x)) return before_permutation(b);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.rank() - b.rank()), 1);
  sizes.insert(sizes.end(), b.shape().begin(), b.shape().end());
  std::vector<int> back(static_cast<std::size_t>(x.rank()));
  const std::vector<int> order = order_of(x);
  for (std::size_t i = 0; i < order.size(); ++i)
    back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return permute(reshape(b, sizes), back);
}

}  // namespace hekla::onnx
