// Sizes at the limits of devices and kernels: more rows than a dispatch has workgroups, more elements than an
// invocation may loop over, matrices with a side of 1.
#include <doctest/doctest.h>

#include "autodiff/check_op.h"
#include "graph/error.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

using Tensors = std::vector<Tensor>;

void check(const std::string& name, const Function& function, const std::vector<Shape>& shapes,
           const CheckOptions& options = {.derivatives = 0}) {
  std::vector<Operand> operands;
  for (const Shape& shape : shapes) operands.push_back({.shape = shape});
  try {
    check_op(name, function, operands, options, devices());
  } catch (const Error& error) {
    FAIL_CHECK(name << ": " << std::string(error.what()));
  }
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("70,000 rows of 3 columns: maps, reductions and products") {
    const Shape tall{70'000, 3};
    check("map", [](const Tensors& x) { return x[0] * 2 + x[1]; }, {tall, {3}});
    check("map of columns", [](const Tensors& x) { return transpose(x[0]) * x[1]; }, {tall, {70'000}});
    check("sum of rows", [](const Tensors& x) { return sum(x[0], {1}); }, {tall});
    // Operands are positive, so that a tolerance relative to the sum is meaningful.
    const CheckOptions of_positive{.tolerance = 1e-6, .derivatives = 0};
    check(
        "sum of columns", [](const Tensors& x) { return sum(x[0] + 1, {0}); }, {tall}, of_positive);
    check(
        "sum of everything", [](const Tensors& x) { return sum(x[0] + 1); }, {tall}, of_positive);
    check("max of rows", [](const Tensors& x) { return max(x[0], {1}); }, {tall});
    check("argmax of columns", [](const Tensors& x) { return argmax(x[0], 0); }, {tall});
    check("softmax of rows", [](const Tensors& x) { return exp(x[0]) / sum(exp(x[0]), {1}, KeepDims::yes); },
          {tall});
    check("matmul", [](const Tensors& x) { return matmul(x[0], x[1]); }, {tall, {3, 5}});
    check("matmul over the rows", [](const Tensors& x) { return matmul(transpose(x[0]), x[0]); }, {tall},
          {.tolerance = 1e-4, .derivatives = 0});
    check("batched matmul", [](const Tensors& x) { return matmul(x[0], x[1]); },
          {{70'000, 1, 3}, {70'000, 3, 1}});
  }

  TEST_CASE("a reduction over 100 million elements reaches every one of them") {
    if (!device()) return;
    constexpr std::int64_t n = 100'000'000;
    // Positions are computed inside the kernels: they are never stored.
    const Tensor total = sum(iota({n}, 0, u32));
    const Tensor even = sum(where(equal(iota({n}, 0) % 2, 0), 1.0f, 0.0f) * 0.5);
    const Tensor largest = max(iota({1000, 100'000}, 1) + iota({1000, 100'000}, 0) * 100'000);
    const Tensor rows = sum(iota({2, n / 2}, 0, i32), {1});
    evaluate({.outputs = {total, even, largest, rows}}, device());
    constexpr std::uint64_t sum_of_positions = static_cast<std::uint64_t>(n) * (n - 1) / 2;
    CHECK(total.item<std::uint32_t>() == static_cast<std::uint32_t>(sum_of_positions & 0xffffffffu));
    // Partial sums of a tree are exact up to 2^24 halves.
    CHECK(even.item<double>() == doctest::Approx(static_cast<double>(n) / 4).epsilon(1e-6));
    CHECK(largest.item<std::int32_t>() == n - 1);
    CHECK(rows.to_vector<std::int32_t>() == std::vector<std::int32_t>{0, n / 2});
  }

  TEST_CASE("a matrix product over 200,000 elements reaches every one of them") {
    if (!device()) return;
    constexpr std::int64_t k = 200'000;
    const Tensor product =
        matmul(iota({2, k}, 0, f32) + 1.0, where(equal(iota({k, 3}, 0) % 4, 0), 1.0f, 0.0f));
    evaluate({.outputs = {product}}, device());
    CHECK(product.to_vector<double>() ==
          std::vector<double>{k / 4.0, k / 4.0, k / 4.0, k / 2.0, k / 2.0, k / 2.0});
  }

  TEST_CASE("matrix products with a side of 1, and a batch of 3") {
    const Function product = [](const Tensors& x) { return matmul(x[0], x[1]); };
    check("1 x 1 x 1", product, {{1, 1}, {1, 1}}, {});
    check("1 x K x 1", product, {{1, 301}, {301, 1}}, {});
    check("1 x long K x 1", product, {{1, 70'001}, {70'001, 1}}, {.tolerance = 1e-4, .derivatives = 0});
    check("M x 1 x N", product, {{37, 1}, {1, 41}}, {});
    check("M x 1 x 1", product, {{70'001, 1}, {1, 1}});
    check("1 x 1 x N", product, {{1, 1}, {1, 70'001}});
    check("batch of 3", product, {{3, 5, 7}, {3, 7, 6}}, {});
    check("batch of 3, 1 x K x 1", product, {{3, 1, 9}, {3, 9, 1}}, {});
    check("batch of 3, M x 1 x N", product, {{3, 5, 1}, {3, 1, 6}}, {});
    check("batch of 3 beside a batch of 1", product, {{3, 5, 7}, {1, 7, 6}}, {});
  }
}

}  // namespace hekla::testing
