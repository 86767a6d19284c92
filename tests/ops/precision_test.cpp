// 16-bit elements, products of them, and mixed precision.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/support/numbers.h"
#include "train/layers/dense.h"

namespace hekla::testing {

namespace {

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
  REQUIRE(x.size() == y.size());
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::fabs(x[i] - y[i]));
  return largest;
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("cast: the numbers of f16") {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> given{1 + 0x1p-11, 1 + 0x1.8p-10, 65519,       65520,       -1e9,
                                    infinity,    -infinity,     0x1.ff8p-15, 0x1.ffcp-15, 0x3p-25,
                                    0x1p-25,     5e-8,          -0.0,        std::nan("")};
    const std::vector<double> held{1,        1 + 0x1p-9, 65504,       infinity,    -infinity,
                                   infinity, -infinity,  0x1.ff8p-15, 0x1p-14,     0x1p-23,
                                   0,        0x1p-24,    0,           std::nan("")};
    expect([&] { return cast(tensor(given), f16); }, {14}, f16, held, 0);
    expect([&] { return cast(cast(tensor(given), f16), f32); }, {14}, f32, held, 0);
  }

  TEST_CASE("cast: the numbers of bf16") {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> given{1 + 0x1p-8, 1 + 0x1.8p-7, 3.4e38,      3.38e38,
                                    -infinity,  1e-30,        std::nan("")};
    const std::vector<double> held{1,         1 + 0x1p-6,           infinity,    0x1.fcp127,
                                   -infinity, convert(1e-30, bf16), std::nan("")};
    expect([&] { return cast(tensor(given), bf16); }, {7}, bf16, held, 0);
    expect([&] { return cast(cast(tensor(given), bf16), f32); }, {7}, f32, held, 0);
  }

  TEST_CASE("f16 and bf16: stored, fed, sliced and updated") {
    for (const auto& device : reference_and_device()) {
      for (const DType dtype : {f16, bf16}) {
        for (const std::int64_t count : {1, 2, 5, 9}) {
          const Tensor fed = input("x", {count}, dtype);
          const Tensor state = variable(cast(arange(count), dtype), "state");
          Program program = compile(
              {.outputs = {slice(fed, {{0, Range::whole, 2}}), state}, .updates = {{state, fed}}}, device);
          const Tensor x = cast(cast(arange(count), f32) * 0.25, dtype);
          const std::vector<double> start = program.run({{fed, x}})[1].to_vector<double>();
          const std::vector<Tensor> next = program.run({{fed, x}});
          for (std::int64_t i = 0; i < count; ++i) {
            const auto at = static_cast<std::size_t>(i);
            CHECK(start[at] == static_cast<double>(i));
            CHECK(next[1].to_vector<double>()[at] == 0.25 * static_cast<double>(i));
            if (i % 2 == 0) CHECK(next[0].to_vector<double>()[at / 2] == 0.25 * static_cast<double>(i));
          }
        }
      }
    }
  }

  TEST_CASE("f16 and bf16: arithmetic wants a cast") {
    const Tensor x = cast(tensor({1.0, 2}), f16);
    CHECK(error_of([&] { x + x; }) == "[add] does not take f16[2]; it takes f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([&] { exp(x); }) == "[exp] does not take f16[2]; it takes f32 (see hk::cast).");
    CHECK(error_of([&] { sum(cast(x, bf16)); }) ==
          "[sum] does not take bf16[2]; it takes f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([&] { iota({3}, 0, bf16); }) == "[iota] positions cannot be bf16; use i32, u32 or f32.");
    CHECK(error_of([&] { matmul(x, cast(x, bf16)); }) ==
          "[matmul] operands are f16[2] and bf16[2]; both must be f32, or both f16 or both bf16 (see "
          "hk::cast).");
    CHECK(error_of([&] { matmul(x, x, i32); }) ==
          "[matmul] i32 is no precision of a product; use f32, f16 or bf16.");
    CHECK(error_of([] { MatmulPrecision mixed(u8); }) ==
          "[matmul] u8 is no precision of a product; use f32, f16 or bf16.");
  }

  TEST_CASE("matmul: factors of 16 bits are near those of 32") {
    for (const auto& device : reference_and_device()) {
      // Rounding changes a factor by at most half a unit of its last bit, and the product of two by twice
      // that.
      for (const auto& [dtype, half_unit] : {std::pair{f16, 0x1p-11}, {bf16, 0x1p-8}}) {
        const Tensor a = numbers({37, 70}, 0.618033988), b = numbers({70, 45}, 0.414213562);
        const Tensor exact = matmul(a, b);
        const Tensor products = matmul(cast(a, dtype), cast(b, dtype));
        const Tensor rounded = matmul(a, b, dtype);
        const Tensor sizes = matmul(abs(a), abs(b));
        evaluate({.outputs = {exact, products, rounded, sizes}}, device);
        CHECK(products.dtype() == f32);
        CHECK(largest_difference(products, rounded) == 0);
        const std::vector<double> size = sizes.to_vector<double>();
        const double bound = *std::max_element(size.begin(), size.end()) * half_unit * 2.1;
        CHECK(largest_difference(exact, rounded) < bound);
        CHECK(largest_difference(exact, rounded) > 0);
      }
    }
  }

  TEST_CASE("matmul: mixed precision keeps weights and gradients in f32") {
    for (const auto& device : reference_and_device()) {
      for (const auto& [dtype, tolerance] : {std::pair{f16, 2e-3}, {bf16, 2e-2}}) {
        const Tensor x = numbers({9, 20}, 0.618033988);
        const Dense layer(6);
        layer(x);
        const Tensor kernel = layer.weights()[0], bias = layer.weights()[1];
        const auto loss = [&] { return mean(square(layer(x) - 0.5)); };
        const Tensor exact = loss();
        Tensor mixed;
        {
          const MatmulPrecision precision(dtype);
          mixed = loss();
          CHECK(matmul(x, kernel).node().inputs[1].dtype() == dtype);
          const MatmulPrecision none(f32);
          CHECK(matmul(x, kernel).node().inputs[1].dtype() == f32);
        }
        // Differentiated after the scope of the setting has ended.
        const auto wanted = grad(exact, {kernel, bias});
        const auto given = grad(mixed, {kernel, bias});
        CHECK(given[0].dtype() == f32);
        evaluate({.outputs = {wanted[0], wanted[1], given[0], given[1], exact, mixed}}, device);
        CHECK(largest_difference(given[0], wanted[0]) < tolerance);
        CHECK(largest_difference(given[0], wanted[0]) > 0);
        CHECK(largest_difference(given[1], wanted[1]) < tolerance);
        CHECK(largest_difference(exact, mixed) < tolerance);
      }
    }
  }

  TEST_CASE("matmul: gradients of rounded factors are products of rounded factors") {
    const Tensor a = numbers({5, 7}, 0.618033988), b = numbers({7, 3}, 0.414213562);
    const Tensor weights = numbers({5, 3}, 0.73205);
    const auto rounded = [](const Tensor& x) { return cast(cast(x, bf16), f32); };
    const auto by_rule = grad(sum(matmul(a, b, bf16) * weights), {a, b});
    for (const auto& device : reference_and_device()) {
      const Tensor left = by_rule[0] - matmul(rounded(weights), transpose(rounded(b)));
      const Tensor right = by_rule[1] - matmul(transpose(rounded(a)), rounded(weights));
      const Tensor again = grad(sum(square(by_rule[0])), b);
      evaluate({.outputs = {left, right, again}}, device);
      CHECK(largest_difference(left, zeros_like(left)) < 1e-6);
      CHECK(largest_difference(right, zeros_like(right)) < 1e-6);
      CHECK(again.dtype() == f32);
    }
  }
}

}  // namespace hekla::testing
