// A recursive search for a factor in a product.
#include "ops/cancel.h"

#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

// Bounds the search: it pays for short gradients, and a long one would cost too much time.
constexpr int most_visits = 100;

class Search {
 public:
  explicit Search(const Tensor& factor) : factor_(factor) {}

  Tensor without(const Tensor& x) {
    if (alike(x, factor_)) return ones_like(x);
    if (++visits_ > most_visits) return {};
    const Node& node = x.node();
    const std::vector<Tensor>& in = node.inputs;
    if (node.op == &constant_op) return node.attributes.number == 0 ? x : Tensor();
    if (node.op == &multiply_op) {
      if (const Tensor rest = without(in[0]); rest.defined()) return rest * in[1];
      const Tensor rest = without(in[1]);
      return rest.defined() ? in[0] * rest : rest;
    }
    if (node.op == &divide_op) {
      const Tensor rest = without(in[0]);
      return rest.defined() ? rest / in[1] : rest;
    }
    if (node.op == &negate_op) {
      const Tensor rest = without(in[0]);
      return rest.defined() ? -rest : rest;
    }
    if (node.op == &add_op || node.op == &subtract_op) {
      const Tensor left = without(in[0]), right = left.defined() ? without(in[1]) : Tensor();
      return right.defined() ? apply(*node.op, {left, right}) : Tensor();
    }
    if (node.op == &where_op) {
      const Tensor left = without(in[1]), right = left.defined() ? without(in[2]) : Tensor();
      return right.defined() ? where(in[0], left, right) : Tensor();
    }
    return {};
  }

 private:
  // Structural equality: norm(x) * norm(x) contains two norm nodes.
  bool alike(const Tensor& a, const Tensor& b) {
    if (a.get() == b.get()) return true;
    const Node &left = a.node(), &right = b.node();
    const bool computed = !left.inputs.empty() || left.op->kind == Kind::constant;
    if (left.op != right.op || !computed || left.rule || right.rule || left.dtype != right.dtype ||
        !(left.shape == right.shape) || !(left.attributes == right.attributes) ||
        left.inputs.size() != right.inputs.size() || ++visits_ > most_visits) {
      return false;
    }
    for (std::size_t i = 0; i < left.inputs.size(); ++i) {
      if (!alike(left.inputs[i], right.inputs[i])) return false;
    }
    return true;
  }

  const Tensor& factor_;
  int visits_ = 0;
};

}  // namespace

Tensor without_factor(const Tensor& product, const Tensor& factor) { return Search(factor).without(product); }

}  // namespace hekla
