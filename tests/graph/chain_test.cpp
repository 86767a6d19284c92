// Very long graphs: no walk and no destructor may recurse.
#include <doctest/doctest.h>

#include <memory>

#include "autodiff/grad.h"
#include "graph/compiler/capture.h"
#include "graph/compiler/graph.h"
#include "graph/run/current.h"
#include "graph/run/evaluator.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"

namespace hekla::testing {

using namespace compiler;

namespace {

constexpr int length = 200'000;

Tensor chain(Tensor x, int nodes) {
  for (int i = 0; i < nodes; ++i) x = -x;
  return x;
}

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("chain of 200,000 nodes: freed, in order, evaluated, differentiated") {
    const Tensor x = tensor({1.5});
    std::weak_ptr<Node> last;
    {
      const Tensor y = sum(chain(x, length));
      last = y.pointer();
      const std::vector<const Node*> order = topological_order({&y, 1});
      REQUIRE(order.size() == length + 2);
      CHECK(order.front() == x.get());
      CHECK(order.back() == y.get());
      CHECK(capture({.outputs = {y}}, is_current).leaves.size() == 1);
      evaluate({.outputs = {y}}, reference());
      CHECK(y.item<double>() == 1.5);
      const Tensor g = grad(y, x);
      evaluate({.outputs = {g}}, open_device("reference"));
      CHECK(g.to_vector<double>() == std::vector<double>{1});
    }
    // Only the plans of the reference device still refer to it.
    reference()->forget_compiled();
    CHECK(last.expired());
  }

  TEST_CASE("chain of 100,000 nodes: the passes walk it") {
    const Tensor y = chain(tensor({1.5}), length / 2);
    const Graph graph = collect({.outputs = {y}});
    CHECK(graph.order().size() == length / 2 + 1);
    CHECK(merge_common_subexpressions(graph).order().size() == length / 2 + 1);
    CHECK(simplify(graph).order().size() == length / 2 + 1);
  }

  TEST_CASE("a broad graph is freed without recursion and each node is visited once") {
    Tensor x = tensor({1.0});
    // 2^60 paths.
    for (int i = 0; i < 60; ++i) x = x + x;
    CHECK(topological_order({&x, 1}).size() == 61);
    evaluate({.outputs = {x}}, reference());
    CHECK(x.item<double>() == 1152921504606846976.0);
  }
}

}  // namespace hekla::testing
