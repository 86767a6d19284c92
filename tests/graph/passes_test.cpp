// The graph passes: the result of each for small examples, and that none changes what an operation computes.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/draw.h"
#include "autodiff/grad.h"
#include "graph/compiler/capture.h"
#include "graph/compiler/graph.h"
#include "graph/print.h"
#include "graph/run/current.h"
#include "graph/run/value.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/ops/lines.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

using namespace compiler;

namespace {

Graph graph_of(const std::vector<Tensor>& outputs) { return collect({.outputs = outputs}); }

std::string simplified(const Tensor& x) {
  return to_text(merge_common_subexpressions(simplify(graph_of({x}))).outputs);
}

std::string merged(const std::vector<Tensor>& outputs) {
  return to_text(merge_common_subexpressions(graph_of(outputs)).outputs);
}

Tensor drawn(const Operand& operand) {
  const std::vector<double> numbers = draw_operands({&operand, 1}, {})[0];
  return cast(tensor(numbers, operand.shape), operand.dtype).detach();
}

const std::string leaf = "%0 = f32[2,3] data(0) \"x\"\n";

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("collect: leaves are numbered copies, values that are held become leaves") {
    const Tensor x = tensor({1.0, 2}).label("x"), v = variable(tensor({1.0, 2}), "v");
    const Tensor e = exp(x).label("e");
    const Tensor y = e * v;
    CHECK(to_text(graph_of({y}).outputs) ==
          "%0 = f32[2] data(0) \"x\"\n%1 = f32[2] exp \"e\" %0\n%2 = f32[2] variable(1) \"v\"\n"
          "%3 = f32[2] multiply %1 %2\n");
    evaluate({.outputs = {e}}, reference());
    const Computation step{.outputs = {y}, .updates = {{v, y}}};
    const Graph graph = collect(step, capture(step, is_current));
    CHECK(to_text(graph.outputs) ==
          "%0 = f32[2] data(0) \"e\"\n%1 = f32[2] variable(1) \"v\"\n%2 = f32[2] multiply %0 %1\n");
    REQUIRE(graph.assignments.size() == 1);
    CHECK(graph.assignments[0].variable.get() == graph.leaves[1].get());
    CHECK(graph.assignments[0].value.get() == graph.outputs[0].get());
    CHECK(graph.order().size() == 3);
    for (const Tensor& numbered : graph.leaves) CHECK(numbered.node().value == nullptr);
  }

  TEST_CASE("simplify: neutral elements") {
    const Tensor x = input("x", {2, 3});
    for (const Tensor& same : {x + 0, 0 + x, x - 0, x * 1, 1 * x, x / 1, stop_gradient(x), (x + 0) * 1 - 0,
                               maximum(x, -std::numeric_limits<double>::infinity())}) {
      CHECK(simplified(same) == leaf);
    }
    for (const Tensor& other : {0 - x, 1 / x, x + 1, x * 0, x % 1, maximum(x, 0), cast(cast(x, i32), f32)}) {
      CHECK(simplified(other) != leaf);
    }
    const Tensor i = input("i", {2}, i32);
    CHECK(simplified(i * 1 + 0) == "%0 = i32[2] data(0) \"i\"\n");
  }

  TEST_CASE("simplify: constants are folded, through views too") {
    const Tensor x = input("x", {2, 3});
    const Tensor c = full({3}, 2);
    CHECK(simplified(x * (c + c * 3)) == leaf + "%1 = f32[2,3] constant 8\n%2 = f32[2,3] multiply %0 %1\n");
    CHECK(simplified(x + (exp(zeros({1, 3})) - 1)) == leaf);
    CHECK(simplified(pad(zeros({3}), {{1, 2}}, 0)) == "%0 = f32[6] constant 0\n");
    CHECK(simplified(pad(zeros({3}), {{1, 2}}, 1)) != "%0 = f32[6] constant 0\n");
    CHECK(simplified(slice(transpose(full({2, 5}, 4)), {{0, 2}})) == "%0 = f32[2,2] constant 4\n");
    CHECK(simplified(where(full({2}, 1, boolean), 3.5f, 0)) == "%0 = f32[2] constant 3.5\n");
    CHECK(simplified(cast(full({2}, -1, i32), u32)) == "%0 = u32[2] constant 4294967295\n");
    CHECK(simplified(add(full({2}, 2147483647, i32), full({2}, 1, i32))) ==
          "%0 = i32[2] constant -2147483648\n");
  }

  TEST_CASE("simplify: views that cancel") {
    const Tensor x = input("x", {2, 3});
    const Range back{-1, Range::whole, -1};
    for (const Tensor& same :
         {transpose(transpose(x)), reshape(reshape(x, {6}), {2, 3}), reshape(reshape(x, {3, 2, 1}), {2, 3}),
          slice(slice(x, {{}, back}), {{}, back}), squeeze(expand_dims(x, 0), {0}),
          transpose(transpose(transpose(transpose(x))))}) {
      CHECK(simplified(same) == leaf);
    }
    CHECK(simplified(transpose(reshape(x, {3, 2}))) != leaf);
    CHECK(simplified(slice(broadcast_to(expand_dims(x, 0), {4, 2, 3}), {{0, 1}})) != leaf);
  }

  TEST_CASE("merge: equal expressions become one, different ones stay two") {
    const Tensor x = input("x", {2, 3});
    CHECK(merged({exp(x) + exp(x)}) == leaf + "%1 = f32[2,3] exp %0\n%2 = f32[2,3] add %1 %1\n");
    CHECK(graph_of({exp(x) + exp(x)}).order().size() == 4);
    CHECK(merge_common_subexpressions(graph_of({x + 1, x + 1, x + 2})).order().size() == 5);
    CHECK(merge_common_subexpressions(graph_of({sum(x, {0}), sum(x, {1}), max(x, {0})})).order().size() == 7);
    CHECK(merge_common_subexpressions(graph_of({x - 1, 1 - x})).order().size() == 4);
    CHECK(merge_common_subexpressions(graph_of({pad(x, {{1, 0}}, 0), pad(x, {{1, 0}}, 1)})).order().size() ==
          3);
    const Graph random = merge_common_subexpressions(graph_of(
        {random_bits({4}, random_key(1)), random_bits({4}, random_key(1)), random_bits({4}, random_key(2))}));
    CHECK(random.outputs[0].get() == random.outputs[1].get());
    CHECK(random.outputs[0].get() != random.outputs[2].get());
  }

  TEST_CASE("merge: two leaves are never one, whatever they hold") {
    const Tensor a = tensor({1.0}), b = tensor({1.0});
    CHECK(merge_common_subexpressions(graph_of({exp(a) + exp(b)})).order().size() == 5);
  }

  TEST_CASE("split: long reductions become two, short ones stay") {
    const auto reductions = [](const Tensor& y) {
      const Graph graph = split_long_loops(graph_of({y}), {});
      int count = 0;
      for (const Node* node : graph.order()) count += node->op->kind == Kind::reduce;
      return count;
    };
    CHECK(reductions(sum(input("x", {100}))) == 1);
    CHECK(reductions(sum(input("x", {5000}))) == 2);
    CHECK(reductions(sum(input("x", {3, 2000}), {1})) == 2);
    CHECK(reductions(sum(input("x", {2000, 600}), {1})) == 1);
    CHECK(reductions(sum(input("x", {2000, 5000}), {1})) == 2);
    CHECK(reductions(sum(input("x", {0, 5000}), {1})) == 0);
  }

  TEST_CASE("no pass changes what an operation or its gradients compute") {
    for (const Line& line : all_lines()) {
      const std::string line_name = line.name;
      CAPTURE(line_name);
      std::vector<Tensor> operands;
      for (const Operand& operand : line.operands) operands.push_back(drawn(operand));
      std::vector<Tensor> outputs{line.function(operands)};
      for (const Tensor& operand : operands) {
        if (line.options.derivatives > 0 && operand.dtype() == f32 && outputs[0].dtype() == f32) {
          outputs.push_back(grad(sum(square(outputs[0])), operand));
        }
      }
      const Computation computation{.outputs = outputs};
      const std::vector<const Node*> leaves = capture(computation).leaves;
      Graph graph = collect(computation);
      graph = merge_common_subexpressions(graph);
      graph = simplify(graph);
      graph = split_long_loops(graph, {.longest_reduction = 3, .longest_product = 5});
      graph = merge_common_subexpressions(graph);
      REQUIRE(graph.leaves.size() == leaves.size());
      std::vector<std::shared_ptr<Storage>> memory;
      for (const Node* leaf : leaves) memory.push_back(leaf->value->on(reference(), *leaf));
      const std::vector<std::shared_ptr<Storage>> results = reference()->prepare(graph)->run(memory, 1);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::vector<double> expected = reference_values(outputs[i]);
        const std::vector<double> actual =
            reference()->download(*results[i], outputs[i].dtype(), outputs[i].count()).to<double>();
        REQUIRE(actual.size() == expected.size());
        for (std::size_t e = 0; e < expected.size(); ++e) {
          if (std::isnan(expected[e]) && std::isnan(actual[e])) continue;
          // Sums have another order, and folded numbers are rounded to f32.
          if (actual[e] != expected[e]) REQUIRE(actual[e] == doctest::Approx(expected[e]).epsilon(1e-6));
        }
      }
    }
  }
}

}  // namespace hekla::testing
