// The dense layer.
#include "train/layers/dense.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

TEST_SUITE("layers") {
  TEST_CASE("dense: x kernel + bias, then the activation") {
    const auto layer = [](const ActivationFunction& activation, const Tensor& x) {
      const Dense dense(3, activation);
      dense(x);
      assign(dense.weights()[0], tensor({1.0, 2, 3, 4, 5, 6}, {2, 3}));
      assign(dense.weights()[1], tensor({10.0, -100, 1}));
      return dense(x);
    };
    const Tensor x = tensor({1.0, 1, 2, 0}, {2, 2});
    expect([&] { return layer({}, x); }, {2, 3}, f32, {15, -93, 10, 12, -96, 7});
    expect([&] { return layer("relu", x); }, {2, 3}, f32, {15, 0, 10, 12, 0, 7});
    expect([&] { return layer({}, tensor({1.0, 1}, {1, 1, 2})); }, {1, 1, 3}, f32, {15, -93, 10});
    const std::vector<std::uint8_t> bytes{1, 1};
    expect([&] { return layer({}, tensor(bytes, {1, 2})); }, {1, 3}, f32, {15, -93, 10});
  }

  TEST_CASE("dense: how it starts") {
    reference();
    const auto built = [](std::int64_t inputs, std::int64_t units, const DenseOptions& options = {}) {
      const Dense dense(units, options);
      dense(zeros({1, inputs}));
      return dense.weights();
    };
    const std::vector<Tensor> weights = built(300, 100, {.name = "hidden"});
    CHECK(describe(weights[0]) == "hidden/kernel f32[300,100]");
    CHECK(describe(weights[1]) == "hidden/bias f32[100]");
    for (const double weight : reference_values(weights[1])) REQUIRE(weight == 0);
    const double limit = std::sqrt(6.0 / 400);
    double square = 0;
    for (const double weight : reference_values(weights[0])) {
      REQUIRE(std::abs(weight) <= limit);
      square += weight * weight / 30000;
    }
    // Uniform in +-limit has variance limit^2 / 3.
    CHECK(square == doctest::Approx(limit * limit / 3).epsilon(0.02));
    CHECK(built(3, 2, {.use_bias = false}).size() == 1);
  }

  TEST_CASE("a seed decides the weights: the same again, others for the next layer") {
    reference();
    const auto kernel = [] {
      const Dense dense(2);
      dense(zeros({1, 3}));
      return reference_values(dense.weights()[0]);
    };
    set_random_seed(5);
    const auto first = kernel(), second = kernel();
    CHECK(first != second);
    set_random_seed(5);
    CHECK(kernel() == first);
    CHECK(kernel() == second);
    set_random_seed(6);
    CHECK(kernel() != first);
  }

  TEST_CASE("initializers: names, constants, and orthogonal matrices") {
    reference();
    const RandomKey key = random_key(3);
    CHECK(reference_values(Initializer("he_normal")({4, 3}, key)) ==
          reference_values(he_normal({4, 3}, key)));
    CHECK(reference_values(constant_initializer(2.5)({2}, key)) == std::vector<double>{2.5, 2.5});
    CHECK(reference_values(Initializer(ones)({2}, key)) == std::vector<double>{1, 1});
    for (const Shape& shape : {Shape{6, 4}, Shape{4, 6}, Shape{2, 3, 4}}) {
      const std::int64_t n = shape.back(), m = shape.count() / n;
      const Tensor q = reshape(orthogonal(2)(shape, key), {m, n});
      const Tensor gram = m >= n ? matmul(transpose(q), q) : matmul(q, transpose(q));
      const Tensor identity = cast(iota(gram.shape(), 0) == iota(gram.shape(), 1), f32);
      for (const double difference : reference_values(gram - 4 * identity))
        CHECK(std::abs(difference) < 1e-9);
    }
    CHECK(error_of([] {
            Initializer("xavier");
          }).starts_with("[initializer] 'xavier' is unknown; choose one of"));
    CHECK(error_of([&] { orthogonal()({3}, key); }) ==
          "[orthogonal] [3] is no matrix; rank 2 or more is needed.");
  }

  TEST_CASE("activation functions: by name, by function, none") {
    const Tensor x = tensor({-1.0, 2}, {1, 2});
    expect([&] { return ActivationFunction("leaky_relu")(x); }, {1, 2}, f32, {-0.2, 2});
    expect([&] { return ActivationFunction(softmax)(zeros({1, 2})); }, {1, 2}, f32, {0.5, 0.5});
    expect([&] { return ActivationFunction()(x); }, {1, 2}, f32, {-1, 2});
    CHECK(error_of([] {
            ActivationFunction("rlu");
          }).starts_with("[activation] 'rlu' is unknown; choose one of"));
  }
}

}  // namespace hekla::testing
