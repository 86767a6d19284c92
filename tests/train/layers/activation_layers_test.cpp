// Activations as layers. The numbers are those of Keras 3.15's layers of the same names.
#include <doctest/doctest.h>

#include <limits>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Tensor points() { return tensor({-5, -1, 0.5, 1, 3, 10}, {1, 6}); }

template <class L>
void check_points(const L& layer, const std::vector<double>& expected) {
  expect([&] { return layer(points()); }, {1, 6}, f32, expected);
}

std::vector<double> gradient_of(const Layer& layer, std::vector<double> at) {
  const Tensor x = tensor(at);
  return reference_values(grad(sum(layer(x)), x));
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("activation layers: ReLU and its kin") {
    check_points(ReLU(), {0, 0, 0.5, 1, 3, 10});
    check_points(ReLU({.max_value = 2}), {0, 0, 0.5, 1, 2, 2});
    check_points(ReLU({.negative_slope = 0.5}), {-2.5, -0.5, 0.5, 1, 3, 10});
    check_points(ReLU({.threshold = 1}), {0, 0, 0, 0, 3, 10});
    check_points(ReLU({.max_value = 6, .negative_slope = 0.25, .threshold = 1}),
                 {-1.5, -0.5, -0.125, 0, 3, 6});
    check_points(LeakyReLU(), {-1.5, -0.3, 0.5, 1, 3, 10});
    check_points(ELU(0.5), {-0.496631026, -0.316060275, 0.5, 1, 3, 10});
    const auto at_extremes = [] { return tensor({-infinity, infinity, nan}); };
    expect([&] { return ReLU({.threshold = 1})(at_extremes()); }, {3}, f32, {0, infinity, nan});
    expect([&] { return ReLU({.max_value = 2, .negative_slope = 0.5})(at_extremes()); }, {3}, f32,
           {-infinity, 2, nan});
    reference();
    CHECK(gradient_of(ReLU({.max_value = 6, .negative_slope = 0.25, .threshold = 1}), {-1, 1, 3, 6, 7}) ==
          std::vector<double>{0.25, 0.25, 1, 0, 0});
    check_values(ReLU()(zeros({1, 2}, u8)), {1, 2}, {0, 0});
    CHECK(error_of([] { ReLU({.max_value = -1}); }) == "[re_lu] max_value is -1; it must not be negative.");
    CHECK(error_of([] { ReLU({.negative_slope = -1}); }) ==
          "[re_lu] negative_slope is -1; it must not be negative.");
    CHECK(error_of([] { ReLU({.threshold = nan}); }) == "[re_lu] threshold is nan; it must not be negative.");
    CHECK(error_of([] { LeakyReLU(-0.1); }) ==
          "[leaky_re_lu] negative_slope is -0.1; it must not be negative.");
  }

  TEST_CASE("activation layers: PReLU") {
    reference();
    const Tensor images = pattern({1, 2, 2, 2});
    const PReLU shared({.alpha_initializer = given({0.5, 0.25}), .shared_axes = {1, 2}});
    const Mode mode;
    check_values(shared(images, mode), {1, 2, 2, 2}, {-0.3125, 0.25, -0.125, 0.625, 0.125, -0.09375, 0.5, 0});
    CHECK(described(mode.record().layers[0].weights) == std::vector<std::string>{"p_re_lu/alpha [1,1,2]"});
    check_values(PReLU({.alpha_initializer = given({0.5, 0.25, 1, 2, 3, 4, 5, 6})})(images), {1, 2, 2, 2},
                 {-0.3125, 0.25, -0.25, 0.625, 0.125, -1.5, 0.5, 0});
    check_values(PReLU()(tensor({-1.0, 2}, {1, 2})), {1, 2}, {0, 2});
    CHECK(error_of([&] { PReLU({.shared_axes = {0}})(images); }) ==
          "[p_re_lu] alpha is shared along axis 0 of f32[1,2,2,2]; shared axes lie between 1, after the "
          "batch, and "
          "the last.");
    CHECK(error_of([&] { PReLU({.shared_axes = {4}})(images); }).starts_with("[p_re_lu] alpha is shared"));
    Sequential model({Input({2, 2, 2}), PReLU({.alpha_regularizer = l2(0.1), .shared_axes = {1, 2}}),
                      Flatten(), Dense(1)});
    CHECK(model.count_params() == 2 + 9);
    CHECK(model.trainable_weights().size() == 3);
    CHECK(model.summary().find("p_re_lu (PReLU)") != std::string::npos);
    model.compile({.loss = "mse"});
    model.fit(images, ones({1, 1}), {.verbose = 0});
    CHECK(reference_values(model.weights()[0])[0] != 0);
  }

  TEST_CASE("activation layers: softmax, over several axes, and with a mask") {
    expect(
        [] {
          return Softmax()(pattern({2, 3}));
        },
        {2, 3}, f32, {0.206021309, 0.494219452, 0.299759239, 0.506480396, 0.307195902, 0.186323732});
    expect(
        [] {
          return Softmax(1)(pattern({1, 2, 2}));
        },
        {1, 2, 2}, f32, {0.407333434, 0.407333434, 0.592666626, 0.592666626});
    expect(
        [] {
          return Softmax({1, 2})(pattern({1, 2, 2}));
        },
        {1, 2, 2}, f32, {0.119843602, 0.287489861, 0.174371406, 0.418295264});
    const auto mask = [](std::initializer_list<double> kept, const Shape& shape) {
      return cast(tensor(kept, shape), boolean).detach();
    };
    expect(
        [&] {
          return Softmax()(pattern({2, 3}), {}, mask({1, 0, 1, 0, 0, 0}, {2, 3}));
        },
        {2, 3}, f32, {0.407333434, 0, 0.592666626, 0, 0, 0});
    expect(
        [&] {
          return Softmax({1, 2})(pattern({1, 2, 2}), {}, mask({1, 1, 0, 1}, {2, 2}));
        },
        {1, 2, 2}, f32, {0.145154342, 0.348207176, 0, 0.506638467});
    reference();
    // No gradient comes back as NaN where all are left out.
    const Tensor x = pattern({1, 3});
    CHECK(reference_values(grad(sum(square(Softmax()(x, {}, mask({0, 0, 0}, {1, 3})))), x)) ==
          std::vector<double>{0, 0, 0});
    const Mode mode;
    const Tensor scores = pattern({2, 3});
    mode.set_mask(scores, mask({1, 0, 1, 0, 0, 0}, {2, 3}));
    check_values(cast(Softmax()(scores, mode) > 0, f32), {2, 3}, {1, 0, 1, 0, 0, 0});
    CHECK(error_of([] {
            Softmax()(zeros({2, 3}), {}, zeros({2, 3}));
          }) == "[softmax] the mask is f32[2,3] and x f32[2,3]; it must be bool and broadcast to x.");
    CHECK(error_of([] {
            Softmax()(zeros({3}), {}, zeros({2, 3}, boolean));
          }) == "[softmax] the mask is bool[2,3] and x f32[3]; it must be bool and broadcast to x.");
    CHECK(error_of([] { Softmax(2)(zeros({2, 3})); }).starts_with("[softmax] axis 2"));
    CHECK(error_of([] { Softmax(std::vector<int>{}); }) == "[softmax] no axis is given; name one.");
  }

  TEST_CASE("activation layers: masks of times pass, and names of activations") {
    reference();
    const Mode mode;
    const Tensor x = pattern({1, 2, 2});
    mode.set_mask(x, zeros({1, 2}, boolean));
    for (const Layer& layer :
         {Layer(ReLU()), Layer(LeakyReLU()), Layer(ELU()), Layer(PReLU()), Layer(Softmax())})
      CHECK(mode.mask_of(layer(x, mode)).defined());
    check_values(Activation("glu")(tensor({1.0, 0}, {1, 2})), {1, 1}, {0.5});
    check_values(Activation(glu)(tensor({1.0, 0}, {1, 2})), {1, 1}, {0.5});
  }
}

}  // namespace hekla::testing
