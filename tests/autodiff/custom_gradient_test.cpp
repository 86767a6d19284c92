// with_gradient: the rule replaces the derived gradient, to any order, and errors name its mistakes.
#include "ops/custom_gradient.h"

#include <doctest/doctest.h>

#include "autodiff/check_op.h"
#include "autodiff/checkpoint.h"
#include "autodiff/grad.h"
#include "graph/compiler/graph.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

using Tensors = std::vector<Tensor>;

// log(1 + e^x), whose derived gradient is NaN where e^x overflows.
Tensor naive_softplus(const Tensor& x) { return log(1 + exp(x)); }

Composite stable_softplus() {
  return with_gradient(
      [](const Tensors& in) { return naive_softplus(in[0]); },
      [](const Tensors& in, const Tensor&, const Tensor& g) -> Tensors { return {g * sigmoid(in[0])}; },
      "softplus");
}

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("with_gradient: the rule is what grad uses") {
    const auto build = [] {
      const Tensor x = tensor({-1.0, 0, 1000});
      return grad(sum(stable_softplus()({x})), x);
    };
    expect(build, {3}, f32, {0.2689414213699951, 0.5, 1});
    const auto straight_through =
        with_gradient([](const Tensors& in) { return floor(in[0]); },
                      [](const Tensors&, const Tensor&, const Tensor& g) -> Tensors { return {g}; });
    const auto rounded = [&] {
      const Tensor x = tensor({0.5, 1.5});
      return grad(sum(straight_through({x}) * x), x);
    };
    expect(rounded, {2}, f32, {0.5, 2.5});
  }

  TEST_CASE("with_gradient: derivatives of the rule are derivatives of higher order") {
    check_op(
        "softplus", [](const Tensors& x) { return stable_softplus()({x[0] * x[1]}); },
        {{.shape = {2, 3}}, {.shape = {2, 3}}}, {.derivatives = 3}, devices());
    // The rule may use the result: the gradient of exp from its value.
    const auto by_value =
        with_gradient([](const Tensors& in) { return exp(in[0]); },
                      [](const Tensors&, const Tensor& y, const Tensor& g) -> Tensors { return {g * y}; });
    check_op(
        "exp by value", [&](const Tensors& x) { return by_value({x[0]}); }, {{.shape = {4}}},
        {.derivatives = 3}, devices());
  }

  TEST_CASE("with_gradient: several results, of which some are used") {
    const auto sum_and_product = with_gradient(
        [](const Tensors& in) -> Tensors {
          return {in[0] + in[1], in[0] * in[1]};
        },
        [](const Tensors& in, const Tensors&, const Tensors& g) -> Tensors {
          return {g[0] + g[1] * in[1], g[0] + g[1] * in[0]};
        });
    const std::vector<Operand> operands{{.shape = {3}}, {.shape = {3}}};
    check_op(
        "both",
        [&](const Tensors& x) {
          const Tensors results = sum_and_product(x);
          return results[0] * results[1] * results[1];
        },
        operands, {}, devices());
    check_op(
        "first", [&](const Tensors& x) { return exp(sum_and_product(x)[0]); }, operands, {}, devices());
    check_op(
        "second", [&](const Tensors& x) { return exp(sum_and_product(x)[1]); }, operands, {}, devices());
    // One result is an operand of the other's use, so that their gradients arrive at different times.
    check_op(
        "chained",
        [&](const Tensors& x) {
          const Tensors results = sum_and_product(x);
          return sum_and_product({results[0], tanh(results[1]) * results[0]})[1];
        },
        operands, {}, devices());
  }

  TEST_CASE("with_gradient: the rule is asked once, however many results there are") {
    int asked = 0;
    const auto twins = with_gradient(
        [](const Tensors& in) -> Tensors {
          return {in[0], 2 * in[0]};
        },
        [&](const Tensors&, const Tensors&, const Tensors& g) -> Tensors {
          ++asked;
          return {g[0] + 2 * g[1]};
        });
    const Tensor x = tensor({1.0});
    const Tensors results = twins({x});
    CHECK(reference_values(grad(sum(results[0] * results[1]), x)) == std::vector<double>{4});
    CHECK(asked == 1);
    CHECK(reference_values(grad(sum(results[1]), x)) == std::vector<double>{2});
    CHECK(asked == 2);
    grad(sum(x), x);
    CHECK(asked == 2);
  }

  TEST_CASE("with_gradient: an input without elements of f32, and one that nothing flows to") {
    const auto pick = with_gradient([](const Tensors& in) { return where(equal(in[0], 1), in[1], in[2]); },
                                    [](const Tensors& in, const Tensor&, const Tensor& g) -> Tensors {
                                      return {Tensor(), where(equal(in[0], 1), g, 0), Tensor()};
                                    });
    const Tensor a = tensor({1.0, 2}), b = tensor({3.0, 4});
    const auto gradients = grad(sum(pick({arange(2), a, b})), {a, b});
    CHECK(reference_values(gradients[0]) == std::vector<double>{0, 1});
    CHECK(reference_values(gradients[1]) == std::vector<double>{0, 0});
  }

  TEST_CASE("with_gradient: a compiled graph holds neither the rule nor its node") {
    const Tensor x = input("x", {3});
    const Graph graph = simplify(collect({.outputs = {stable_softplus()({x})}}));
    for (const Node* node : graph.order()) {
      CHECK(node->op->name != "identity");
      CHECK(node->rule == nullptr);
    }
  }

  TEST_CASE("with_gradient: mistakes of the rule are told by the function's name") {
    const Tensor x = tensor({1.0, 2}).label("x");
    const auto forward = [](const Tensors& in) { return in[0] * in[1]; };
    const auto few = with_gradient(
        forward, [](const Tensors&, const Tensor&, const Tensor& g) -> Tensors { return {g}; }, "few");
    CHECK(error_of([&] {
            grad(sum(few({x, x})), x);
          }) ==
          "[grad] the gradient rule of few returned 1 gradients for 2 inputs; it returns one for each, an "
          "empty "
          "tensor where nothing flows.");
    const auto summed = with_gradient(
        forward,
        [](const Tensors&, const Tensor&, const Tensor& g) -> Tensors {
          return {sum(g), g};
        },
        "summed");
    CHECK(error_of([&] {
            grad(sum(summed({x, x})), x);
          }) ==
          "[grad] the gradient rule of summed returned f32[] for its input 1, x f32[2]; a gradient has its "
          "input's "
          "shape and dtype.");
  }

  TEST_CASE("chain of 100,000 custom gradients and checkpoints: walked and freed without recursion") {
    std::weak_ptr<Node> last;
    {
      const auto same = with_gradient(
          [](const Tensors& in) -> Tensors {
            return {-in[0], in[0]};
          },
          [](const Tensors&, const Tensors&, const Tensors& g) -> Tensors { return {g[1] - g[0]}; });
      const Tensor x = tensor({1.5});
      Tensor y = x;
      for (int i = 0; i < 50'000; ++i) y = same({y})[0];
      for (int i = 0; i < 50'000; ++i) y = checkpoint([](const Tensor& in) { return -in; }, y);
      const Tensor g = grad(sum(y), x);
      last = g.pointer();
      CHECK(topological_order({&g, 1}).size() > 100'000);
    }
    CHECK(last.expired());
  }
}

}  // namespace hekla::testing
