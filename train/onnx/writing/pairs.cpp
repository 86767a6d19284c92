// See pairs.h.
#include "train/onnx/writing/pairs.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "graph/loop.h"
#include "graph/origin.h"

namespace hekla::onnx {

namespace {

constexpr const char* advice = "write the model for one batch size, SaveOptions::batch.";

// What a walk from the outputs comes to, besides the nodes that compute.
std::vector<Tensor> edges_of(const Tensor& x) {
  std::vector<Tensor> edges = x.node().inputs;
  if (const Origin* origin = x.node().origin.get())
    edges.insert(edges.end(), origin->inputs.begin(), origin->inputs.end());
  if (const Loop* loop = x.node().loop.get())
    edges.insert(edges.end(), loop->results.begin(), loop->results.end());
  return edges;
}

}  // namespace

Pairs::Pairs(const std::vector<Tensor>& outputs, std::int64_t batch, const std::vector<Tensor>& others,
             std::int64_t other_batch)
    : batch_(batch), other_batch_(other_batch) {
  std::vector<std::pair<Tensor, Tensor>> open;
  if (outputs.size() != others.size())
    throw Error(fmt::format("the number of its outputs depends on the batch; {}", advice));
  for (std::size_t i = 0; i < outputs.size(); ++i) open.emplace_back(outputs[i], others[i]);
  while (!open.empty()) {
    const auto [x, other] = open.back();
    open.pop_back();
    if (!x.defined() || others_.contains(x.get())) continue;
    const std::vector<Tensor> edges = edges_of(x);
    const std::vector<Tensor> other_edges = other.defined() ? edges_of(other) : std::vector<Tensor>();
    if (!other.defined() || x.node().op != other.node().op || edges.size() != other_edges.size() ||
        x.rank() != other.rank())
      throw Error(fmt::format("its graph depends on the batch ({} is another operation for another one); {}",
                              describe(x), advice));
    others_.emplace(x.get(), other);
    for (std::size_t i = 0; i < edges.size(); ++i) open.emplace_back(edges[i], other_edges[i]);
  }
}

Pairs Pairs::with(const std::vector<Tensor>& inputs, const std::vector<Tensor>& others) const {
  Pairs result = *this;
  for (std::size_t i = 0; i < inputs.size(); ++i) result.others_.emplace(inputs[i].get(), others[i]);
  return result;
}

const Tensor& Pairs::other(const Tensor& x) const {
  const auto found = others_.find(x.get());
  return found == others_.end() ? x : found->second;
}

std::vector<Size> Pairs::sizes(const Tensor& x) const {
  std::vector<Size> sizes;
  const Tensor& y = other(x);
  for (int axis = 0; axis < x.rank(); ++axis) {
    const std::int64_t a = x.size(axis);
    const std::int64_t b = y.size(axis);
    if (a != b && (a % batch_ != 0 || a / batch_ * other_batch_ != b))
      throw Error(fmt::format("axis {} of {} has {} elements for a batch of {} and {} for one of {}; {}",
                              axis, describe(x), a, batch_, b, other_batch_, advice));
    sizes.push_back(a == b ? Size{a} : Size{a / batch_, true});
  }
  return sizes;
}

bool Pairs::depends_on_batch(const Tensor& x) const { return !(x.shape() == other(x).shape()); }

const std::vector<std::int64_t>& Pairs::fixed_integers(const Tensor& x) const {
  const std::vector<std::int64_t>& integers = x.node().attributes.integers;
  fixed_integers(x, 0, integers.size());
  return integers;
}

std::vector<std::int64_t> Pairs::fixed_integers(const Tensor& x, std::size_t first, std::size_t count) const {
  const auto part = [&](const Tensor& of) {
    const std::vector<std::int64_t>& all = of.node().attributes.integers;
    const std::size_t end = std::min(all.size(), first + count);
    return std::vector<std::int64_t>(all.begin() + static_cast<std::ptrdiff_t>(std::min(first, end)),
                                     all.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const std::vector<std::int64_t> integers = part(x);
  if (integers != part(other(x)))
    throw Error(fmt::format("what {} does depends on the batch; {}", x.node().op->name, advice));
  return integers;
}

double Pairs::fixed_number(const Tensor& x) const {
  const double number = x.node().attributes.number;
  const double other_number = other(x).node().attributes.number;
  if (number != other_number && number == number)
    throw Error(fmt::format("it computes with {} for a batch of {} and with {} for one of {}; {}", number,
                            batch_, other_number, other_batch_, advice));
  return number;
}

}  // namespace hekla::onnx
