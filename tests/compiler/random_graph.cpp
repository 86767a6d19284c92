// Random graphs.
#include "tests/compiler/random_graph.h"

#include <algorithm>
#include <random>

#include "hekla.h"

namespace hekla::testing {

namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  RandomGraph run(int operations) {
    for (const Shape& shape : {Shape{4, 6}, Shape{3, 8, 5}, Shape{24}, Shape{}, Shape{1, 7}, Shape{12, 16}}) {
      values_.push_back(tensor(numbers(shape.count()), shape));
    }
    std::vector<Tensor> state;
    for (const Shape& shape : {Shape{4, 6}, Shape{24}, Shape{}}) {
      state.push_back(variable(tensor(numbers(shape.count()), shape), "state"));
      values_.push_back(state.back());
    }
    for (int i = 0; i < operations; ++i) values_.push_back(next());
    RandomGraph graph;
    for (int i = 0; i < 3; ++i) graph.outputs.push_back(values_[values_.size() - 1 - below(8)]);
    for (const Tensor& variable : state) graph.updates.push_back({variable, like(variable.shape())});
    return graph;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool coin() { return below(2) == 0; }

  std::vector<double> numbers(std::int64_t count) {
    std::vector<double> result(static_cast<std::size_t>(count));
    for (double& number : result) number = static_cast<double>(random_() % 2001) / 1000 - 1;
    return result;
  }

  // Recent values more often, which makes deep graphs rather than wide ones.
  const Tensor& any() {
    const std::size_t reach = coin() ? std::min<std::size_t>(6, values_.size()) : values_.size();
    return values_[values_.size() - 1 - below(reach)];
  }

  // A tensor of this shape made from an earlier value.
  Tensor like(const Shape& shape) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Tensor& x = any();
      if (x.shape() == shape) return tanh(x + 0.25);
      if (x.count() == shape.count()) return tanh(reshape(x, shape));
    }
    return broadcast_to(tanh(mean(any())), shape);
  }

  Tensor next() {
    const Tensor x = any();
    switch (below(16)) {
      case 0:
        return tanh(x * 1.5);
      case 1:
        return sigmoid(x);
      case 2:
        return exp(-square(x));
      case 3:
        return binary(x);
      case 4:
        return folded(x);
      case 5:
        return x.rank() > 0
                   ? sum(x, {static_cast<int>(below(static_cast<std::size_t>(x.rank())))}, KeepDims::yes) *
                         0.2
                   : x;
      case 6:
        return shuffled(x);
      case 7:
        return cut(x);
      case 8:
        return padded(x);
      case 9:
        return slid(x);
      case 10:
        return product(x);
      case 11:
        return picked(x);
      case 12:
        return x.rank() > 0 ? softmax(x, -1) : x * 0.5;
      case 13:
        return chosen(x);
      case 14:
        return x.rank() > 0 && x.count() < 500 ? tanh(concat({x, x * 0.5}, -1)) : x - 0.1;
      default:
        return tanh(x + mean(any()));
    }
  }

  Tensor binary(const Tensor& x) {
    const Tensor& y = any();
    const Tensor other = y.shape() == x.shape()   ? y
                         : y.count() == x.count() ? reshape(y, x.shape())
                                                  : mean(y);
    switch (below(4)) {
      case 0:
        return tanh(x + other);
      case 1:
        return tanh(x - other);
      case 2:
        return tanh(x * other);
      default:
        return maximum(x, other);
    }
  }

  Tensor folded(const Tensor& x) {
    if (x.rank() == 0) return x * 0.7;
    const int axis = static_cast<int>(below(static_cast<std::size_t>(x.rank())));
    return coin() ? max(x, {axis}) : mean(x, {axis});
  }

  Tensor shuffled(const Tensor& x) {
    std::vector<int> order(static_cast<std::size_t>(x.rank()));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    std::shuffle(order.begin(), order.end(), random_);
    const Tensor moved = permute(x, order);
    if (coin()) return moved;
    return reshape(moved, std::vector<std::int64_t>{-1});
  }

  Tensor cut(const Tensor& x) {
    if (x.rank() == 0) return x;
    std::vector<Range> ranges;
    for (int axis = 0; axis < x.rank(); ++axis) {
      const std::int64_t size = x.size(axis);
      if (size < 2 || coin())
        ranges.push_back({});
      else if (coin())
        ranges.push_back({.start = -1, .step = -1});
      else
        ranges.push_back({.start = 1, .stop = Range::whole, .step = coin() ? 1 : 2});
    }
    return slice(x, ranges);
  }

  Tensor padded(const Tensor& x) {
    if (x.rank() == 0 || x.count() > 300) return x * 0.9;
    std::vector<Padding> paddings(static_cast<std::size_t>(x.rank()));
    paddings[below(paddings.size())] = {.low = static_cast<std::int64_t>(below(3)),
                                        .high = static_cast<std::int64_t>(below(3)),
                                        .interior = static_cast<std::int64_t>(below(2))};
    return pad(x, paddings, coin() ? 0.0 : 0.5);
  }

  Tensor slid(const Tensor& x) {
    if (x.rank() == 0 || x.rank() > 3 || x.count() > 300) return x * 0.9;
    const int axis = static_cast<int>(below(static_cast<std::size_t>(x.rank())));
    if (x.size(axis) < 3) return x + 0.1;
    const Tensor overlapping = windows(x, axis, 2, coin() ? 1 : 2, x.size(axis) > 4 && coin() ? 2 : 1);
    return coin() ? overlapping : sum(overlapping, {-1}) * 0.5;
  }

  Tensor product(const Tensor& x) {
    if (x.rank() < 2) return tanh(x);
    const std::int64_t inner = x.size(-1);
    const auto columns = static_cast<std::int64_t>(1 + below(20));
    const Tensor weights = tensor(numbers(inner * columns), {inner, columns});
    const Tensor left = coin() ? x : sigmoid(x);
    return tanh(matmul(left, weights) * 0.5 + (coin() ? 0.1 : 0.0));
  }

  Tensor picked(const Tensor& x) {
    if (x.rank() == 0) return x;
    const int axis = static_cast<int>(below(static_cast<std::size_t>(x.rank())));
    const auto size = static_cast<int>(x.size(axis));
    const Tensor indices = (arange(5) * 3 + static_cast<int>(below(7))) % size;
    return gather(x, indices, axis);
  }

  Tensor chosen(const Tensor& x) {
    if (x.rank() == 0) return x;
    const Tensor position = iota(x.shape(), x.rank() - 1);
    return where(position % 3 < 1, x, x * -0.5);
  }

  std::mt19937 random_;
  std::vector<Tensor> values_;
};

}  // namespace

RandomGraph random_graph(std::uint32_t seed, int operations) { return Generator(seed).run(operations); }

}  // namespace hekla::testing
