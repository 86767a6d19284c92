// Activations against values computed in double precision, at the extremes, and their gradients at the kinks.
#include "ops/activation.h"

#include <doctest/doctest.h>

#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Activation = std::function<Tensor(const Tensor&)>;

void expect_values(const Activation& function, const std::vector<double>& x,
                   const std::vector<double>& expected) {
  expect([&] { return function(tensor(x)); }, {static_cast<std::int64_t>(expected.size())}, f32, expected,
         1e-6);
}

void expect_gradients(const Activation& function, const std::vector<double>& x,
                      const std::vector<double>& expected) {
  expect(
      [&] {
        const Tensor at = tensor(x);
        return grad(sum(function(at)), at);
      },
      {static_cast<std::int64_t>(x.size())}, f32, expected, 1e-6);
}

const std::vector<double> points{-5, -1, 0, 1, 5};

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("activations: values") {
    expect_values([](const Tensor& x) { return leaky_relu(x); }, points, {-1, -0.2, 0, 1, 5});
    expect_values([](const Tensor& x) { return leaky_relu(x, 0.5); }, points, {-2.5, -0.5, 0, 1, 5});
    expect_values(relu6, {-5, 0, 3, 6, 9}, {0, 0, 3, 6, 6});
    expect_values([](const Tensor& x) { return elu(x); }, points,
                  {-0.993262053000915, -0.632120558828558, 0, 1, 5});
    expect_values(selu, points, {-1.74625336066962, -1.11133073781256, 0, 1.05070098735548, 5.2535049367774});
    expect_values([](const Tensor& x) { return celu(x, 2); }, points,
                  {-1.8358300027522, -0.786938680574733, 0, 1, 5});
    expect_values([](const Tensor& x) { return gelu(x); }, {-3, -1, -0.5, 0, 0.5, 1, 3},
                  {-0.00404969409489031, -0.158655253931457, -0.154268769362993, 0, 0.345731230637007,
                   0.841344746068543, 2.99595030590511});
    expect_values([](const Tensor& x) { return gelu(x, true); }, {-3, -1, -0.5, 0, 0.5, 1, 3},
                  {-0.00363739208177299, -0.158808009391723, -0.154285990174856, 0, 0.345714009825144,
                   0.841191990608277, 2.99636260791823});
    expect_values(silu, points,
                  {-0.0334642546214243, -0.268941421369995, 0, 0.731058578630005, 4.96653574537858});
    expect_values(mish, points,
                  {-0.0335762377301617, -0.303401461374109, 0, 0.86509838826731, 4.99955207752941});
    expect_values(softsign, points, {-5.0 / 6, -0.5, 0, 0.5, 5.0 / 6});
    expect_values(hard_sigmoid, {-5, -3, 0, 1.5, 3, 5}, {0, 0, 0.5, 0.75, 1, 1});
    expect_values(hard_swish, {-5, -3, 0, 1.5, 3, 5}, {0, 0, 0, 1.125, 3, 5});
    expect_values(
        log_sigmoid, points,
        {-5.00671534848912, -1.31326168751822, -0.693147180559945, -0.313261687518223, -0.00671534848911807});
  }

  TEST_CASE("activations: the extremes") {
    const std::vector<double> far{-100, 100};
    expect_values(log_sigmoid, {-100, 100, -1000}, {-100, 0, -1000});
    for (const Activation& function :
         {Activation(silu), Activation(mish), Activation([](const Tensor& x) { return gelu(x); }),
          Activation([](const Tensor& x) { return gelu(x, true); })}) {
      expect_values(function, far, {0, 100});
      expect_gradients(function, far, {0, 1});
    }
    expect_gradients(log_sigmoid, far, {1, 0});
    expect_gradients([](const Tensor& x) { return elu(x); }, far, {0, 1});
    expect_gradients(selu, far, {0, 1.0507009873554805});
    expect_gradients([](const Tensor& x) { return celu(x); }, far, {0, 1});
  }

  TEST_CASE("activations: gradients at the kinks") {
    expect_gradients(relu, {0}, {0});
    expect_gradients([](const Tensor& x) { return leaky_relu(x); }, {0}, {0.2});
    expect_gradients(relu6, {0, 6}, {0, 0});
    expect_gradients([](const Tensor& x) { return elu(x, 0.5); }, {0}, {0.5});
    expect_gradients([](const Tensor& x) { return celu(x, 2); }, {0}, {1});
    expect_gradients(softsign, {0}, {1});
  }

  TEST_CASE("glu: the first half times the sigmoid of the second") {
    // torch.nn.functional.glu; at infinite halves, too.
    expect(
        [] {
          return glu(tensor({-0.625, 0.25, -0.25, 0.625, 0.125, -0.375, 0.5, 0}, {2, 4}));
        },
        {2, 2}, f32, {-0.273639687, 0.162838716, 0.0778074164, -0.1875});
    expect(
        [] {
          return glu(tensor({-0.625, 0.25, -0.25, 0.625}, {2, 2}), 0);
        },
        {1, 2}, f32, {-0.273639687, 0.162838716});
    constexpr double infinity = std::numeric_limits<double>::infinity();
    expect_values([](const Tensor& x) { return glu(x); }, {1, 2, infinity, infinity, -infinity, 0},
                  {1, 0, infinity});
    CHECK(error_of([] {
            glu(zeros({2, 3}));
          }) == "[glu] axis 1 of f32[2,3] is divided into halves; its size must be even.");
    CHECK(error_of([] { glu(zeros({2}), 1); }).starts_with("[glu] axis 1"));
  }

  TEST_CASE("celu refuses an alpha that is not positive") {
    CHECK(error_of([] { celu(tensor({1.0}), 0); }) == "[celu] alpha is 0; it must be positive.");
  }
}

}  // namespace hekla::testing
