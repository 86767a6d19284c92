// The estimated work of kernels, against numbers worked out by hand.
#include "graph/compiler/work.h"

#include <doctest/doctest.h>

#include "hekla.h"

namespace hekla::testing {

using namespace compiler;

namespace {

Work work_of_the_kernel(const Tensor& output) {
  const Plan plan = make_plan(collect({.outputs = {output}}), {});
  REQUIRE(plan.kernels.size() == 1);
  return work_of(plan.kernels[0], plan.slots);
}

}  // namespace

TEST_SUITE("compiler") {
  TEST_CASE("work of maps: an operation for each element, each byte once") {
    const Tensor x = variable(zeros({10, 8}));
    const Tensor bias = variable(zeros({8}));
    const Work sum = work_of_the_kernel(x + bias);
    CHECK(sum.operations == 80);
    CHECK(sum.bytes == 4 * (80 + 8 + 80));

    const Work twice = work_of_the_kernel(tanh(x) * x);
    CHECK(twice.operations == 160);
    CHECK(twice.bytes == 4 * (80 + 80));

    // Half of x; integer operations do not count as floating-point operations.
    const Work part = work_of_the_kernel(slice(x, {{0, 5}}) * 2);
    CHECK(part.operations == 40);
    CHECK(part.bytes == 4 * (40 + 40));
    const Work whole = work_of_the_kernel(variable(zeros({8}, i32)) + 1);
    CHECK(whole.operations == 0);
    CHECK(whole.bytes == 4 * (8 + 8));
  }

  TEST_CASE("work of reductions: the elements and the folding") {
    const Tensor x = variable(zeros({16, 200}));
    const Work rows = work_of_the_kernel(sum(square(x), {1}));
    CHECK(rows.operations == 3'200 + 3'200);
    CHECK(rows.bytes == 4 * (3'200 + 16));
    const Work columns = work_of_the_kernel(sum(transpose(x), {0}));
    CHECK(columns.operations == 3'200);
    CHECK(columns.bytes == 4 * (3'200 + 16));
    // A short reduction is a loop in a map.
    const Work inside = work_of_the_kernel(sum(reshape(x, {200, 16}), {1}));
    CHECK(inside.operations == 3'200);
    CHECK(inside.bytes == 4 * (3'200 + 200));
  }

  TEST_CASE("work of products: two operations for each element of the inner axis") {
    const Tensor a = variable(zeros({3, 20, 30}));
    const Tensor b = variable(zeros({3, 30, 7}));
    const Tensor bias = variable(zeros({7}));
    const Work dense = work_of_the_kernel(relu(matmul(a, b) + bias));
    CHECK(dense.operations == 2 * 3 * 20 * 7 * 30 + 2 * 3 * 20 * 7);
    CHECK(dense.bytes == 4 * (3 * 20 * 30 + 3 * 30 * 7 + 7 + 3 * 20 * 7));
    // The elementwise work on a factor counts once per element, however many tiles read it.
    const Work scaled = work_of_the_kernel(matmul(a * 2, b));
    CHECK(scaled.operations == 2 * 3 * 20 * 7 * 30 + 3 * 20 * 30);
  }

  TEST_CASE("work of custom kernels: bytes only") {
    const Tensor x = variable(zeros({100}));
    const Plan plan = make_plan(collect({.outputs = {sort(x)}}), {});
    for (const Kernel& kernel : plan.kernels) {
      if (!std::holds_alternative<CustomCall>(kernel.form)) continue;
      CHECK(work_of(kernel, plan.slots).operations == 0);
      CHECK(work_of(kernel, plan.slots).bytes >= 800);
    }
  }
}

}  // namespace hekla::testing
