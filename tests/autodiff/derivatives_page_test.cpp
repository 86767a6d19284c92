// The examples of docs/derivatives.md, compiled and run; and a comparison with the code on the page.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hekla.h"
#include "tests/docs/pages.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

void check_close(const Tensor& tensor, const Numbers& expected) {
  const Numbers found = reference_values(tensor);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-9));
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/derivatives.md: gradients, products, second derivatives") {
    auto x = hk::tensor({1.0, 2, 3});
    auto w = hk::tensor({0.5, -1, 2});
    auto y = x * w;
    auto loss = hk::sum(y * y);
    auto [dw, dy] = hk::grad(loss, {w, y});
    check_close(dw, {1, -8, 36});
    check_close(dy, {1, -4, 12});

    auto unused = hk::tensor({1.0, 2});
    auto nothing = hk::grad(loss, unused);
    auto strictly = [&] { hk::grad(loss, unused, hk::Unused::error); };
    check_close(nothing, {0, 0});
    CHECK(error_of(strictly).starts_with("[grad] no gradient flows to target 1"));

    auto f = [](const std::vector<hk::Tensor>& in) { return hk::sum(in[0] * hk::square(in[1])); };
    auto [value, slopes] = hk::value_and_grad(f, {x, x});
    check_close(value, {36});
    check_close(slopes[0], {1, 4, 9});
    check_close(slopes[1], {2, 8, 18});

    auto a = hk::tensor({1.0, 2, 3, 4}, {2, 2});
    auto b = hk::tensor({1.0, 0, -1, 1}, {2, 2});
    auto product = hk::matmul(a, b);
    auto left = hk::vjp(product, a, hk::ones({2, 2}));
    auto right = hk::jvp({product}, {a, b}, {b, hk::zeros_like(b)});
    check_close(left, {1, 0, 1, 0});
    check_close(right[0], {1, 0, -2, 1});

    auto t = hk::tensor({0.0, 1, 2});
    auto u = hk::sin(2 * t);
    auto u_t = hk::grad(hk::sum(u), t);
    auto u_tt = hk::grad(hk::sum(u_t), t);
    check_close(u_tt + 4 * u, {0, 0, 0});

    auto cubes = hk::sum(x * x * x);
    auto curvature = hk::hessian(cubes, x);
    auto along = hk::hvp(cubes, x, hk::tensor({1.0, 0, 1}));
    auto slope_of = hk::jacobian(hk::tanh(x), x);
    check_close(curvature, {6, 0, 0, 0, 12, 0, 0, 0, 18});
    check_close(along, {6, 0, 18});
    check_close(hk::sum(slope_of, {1}) - (1 - hk::square(hk::tanh(x))), {0, 0, 0});
  }

  TEST_CASE("docs/derivatives.md: replaced gradients and checkpoints") {
    auto softplus =
        hk::with_gradient([](const std::vector<hk::Tensor>& in) { return hk::log(1 + hk::exp(in[0])); },
                          [](const std::vector<hk::Tensor>& in, const hk::Tensor&, const hk::Tensor& g) {
                            return std::vector<hk::Tensor>{g * hk::sigmoid(in[0])};
                          });
    auto steep = hk::tensor({0.0, 200});
    auto sigmoids = hk::grad(hk::sum(softplus({steep})), steep);
    check_close(sigmoids, {0.5, 1});

    auto weight = hk::variable(hk::random_uniform({32, 32}, hk::random_key(1), -0.2, 0.2), "weight");
    auto layers = [&](hk::Tensor h) {
      for (int i = 0; i < 8; ++i) h = hk::tanh(hk::matmul(h, weight));
      return h;
    };
    auto h = hk::random_uniform({32, 32}, hk::random_key(2), -1, 1);
    for (int piece = 0; piece < 4; ++piece) h = hk::checkpoint(layers, h);
    auto saving = hk::grad(hk::mean(h), weight);

    auto kept = hk::random_uniform({32, 32}, hk::random_key(2), -1, 1);
    for (int piece = 0; piece < 4; ++piece) kept = layers(kept);
    check_close(saving, reference_values(hk::grad(hk::mean(kept), weight)));
  }

  TEST_CASE("docs/derivatives.md: loops") {
    auto rate = hk::variable(hk::tensor({0.1}), "rate");
    auto rain = hk::tensor({3.0, 0, 1, 0}, {4, 1});
    auto tank = hk::scan(
        [&](const std::vector<hk::Tensor>& state, const std::vector<hk::Tensor>& now) -> hk::Scanned {
          auto outflow = rate * state[0];
          return {{state[0] + now[0] - outflow}, {outflow}};
        },
        {rain}, {hk::tensor({2.0})});
    auto level = tank.state[0];       // after the last step
    auto outflows = tank.stacked[0];  // of all four steps
    auto sensitivity = hk::grad(hk::sum(outflows), rate);

    // Levels before the steps: 2, 4.8, 4.32, 4.888; at the end 4.3992.
    check_close(level, {4.3992});
    check_close(outflows, {0.2, 0.48, 0.432, 0.4888});
    // All outflows are 2 + 4 - level, and level = 2 k^4 + 3 k^3 + k with k = 1 - rate.
    check_close(sensitivity, {4 * 2 * 0.729 + 3 * 3 * 0.81 + 1});
  }

  TEST_CASE("docs/derivatives.md: the page shows the examples that are tested") {
    const std::string tested = essence(text_of("tests/autodiff/derivatives_page_test.cpp"));
    const std::vector<std::string> examples = examples_in(text_of("docs/derivatives.md"));
    CHECK(examples.size() == 9);
    for (const std::string& example : examples) {
      CAPTURE(example);
      CHECK(tested.find(essence(example)) != std::string::npos);
    }
  }
}

}  // namespace hekla::testing
