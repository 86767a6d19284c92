// Focal losses against Keras 3.15's functions of the same names, and at logits that are infinite.
#include "ops/focal_loss.h"

#include <doctest/doctest.h>

#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

const LossOptions each{.reduction = Reduction::none};
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("binary focal cross-entropy: Keras's numbers") {
    const auto t = [] { return tensor({0.0, 1, 0, 0}, {2, 2}); };
    const auto p = [] { return tensor({0.6, 0.4, 0.4, 0.6}, {2, 2}); };
    const auto z = [] { return tensor({-2, 0.5, 3, -1}, {2, 2}); };
    expect([&] { return binary_focal_crossentropy(t(), p(), each); }, {2}, f32, {0.329864651, 0.205798373});
    expect([&] { return binary_focal_crossentropy(t(), p()); }, {}, f32, {(0.329864651 + 0.205798373) / 2});
    expect(
        [&] {
          return binary_focal_crossentropy(
              t(), p(), each,
              {.alpha = 0.3, .gamma = 1.5, .apply_class_balancing = true, .label_smoothing = 0.1});
        },
        {2}, f32, {0.203032002, 0.185467407});
    expect([&] { return binary_focal_crossentropy(t(), p(), each, {.gamma = 0}); }, {2}, f32,
           {0.91629076, 0.713558197});
    expect([&] { return binary_focal_crossentropy_from_logits(t(), z(), each); }, {2}, f32,
           {0.0346885249, 1.39446926});
    expect(
        [&] {
          return binary_focal_crossentropy_from_logits(t(), z(), each,
                                                       {.gamma = 0.5, .apply_class_balancing = true});
        },
        {2}, f32, {0.052845262, 1.17670298});
  }

  TEST_CASE("categorical focal cross-entropy: Keras's numbers") {
    const auto t = [] { return tensor({0.0, 1, 0, 0, 0, 1}, {2, 3}); };
    const auto p = [] { return tensor({0.05, 0.9, 0.05, 0.1, 0.85, 0.05}, {2, 3}); };
    const auto z = [] { return tensor({1.0, 2, 3, 2, 0, 1}, {2, 3}); };
    const auto alpha = [] { return tensor({0.1, 0.2, 0.7}); };
    expect([&] { return categorical_focal_crossentropy(t(), p(), each); }, {2}, f32,
           {0.000263401289, 0.675912094});
    expect(
        [&] {
          return categorical_focal_crossentropy(t(), 5 * p(), each,
                                                {.alpha = alpha(), .gamma = 3, .label_smoothing = 0.3});
        },
        {2}, f32, {0.205494132, 1.45513773});
    expect([&] { return categorical_focal_crossentropy_from_logits(t(), z(), each); }, {2}, f32,
           {0.200736956, 0.200736956});
    expect(
        [&] {
          return categorical_focal_crossentropy_from_logits(
              t(), z(), each, {.alpha = alpha(), .gamma = 1, .label_smoothing = 0.3});
        },
        {2}, f32, {0.201559919, 0.640531282});
  }

  TEST_CASE("focal cross-entropy: what is certain and right costs nothing, what is wrong everything") {
    for (const double gamma : {0.0, 0.5, 2.0}) {
      CAPTURE(gamma);
      const auto binary = [=](const Tensor& z) {
        return binary_focal_crossentropy_from_logits(tensor({1.0, 0}, {2, 1}), z, {}, {.gamma = gamma});
      };
      expect([&] { return binary(tensor({infinity, -infinity}, {2, 1})); }, {}, f32, {0});
      expect([&] { return binary(tensor({-infinity, -infinity}, {2, 1})); }, {}, f32, {infinity});
      expect(
          [&] {
            const Tensor z = tensor({200.0, -200}, {2, 1});
            return grad(binary(z), z);
          },
          {2, 1}, f32, {0, 0});
      const auto categorical = [=](const Tensor& z) {
        return categorical_focal_crossentropy_from_logits(tensor({1.0, 0}, {1, 2}), z, {}, {.gamma = gamma});
      };
      expect([&] { return categorical(tensor({0, -infinity}, {1, 2})); }, {}, f32, {0});
      expect(
          [&] {
            const Tensor z = tensor({200.0, -200}, {1, 2});
            return grad(categorical(z), z);
          },
          {1, 2}, f32, {0, 0});
      // Probabilities of exactly 0 and 1 are clipped.
      expect(
          [&] {
            const Tensor p = tensor({1.0, 0}, {1, 2});
            return grad(binary_focal_crossentropy(tensor({1.0, 0}, {1, 2}), p, {}, {.gamma = gamma}), p);
          },
          {1, 2}, f32, {0, 0}, 1e-5);
    }
  }

  TEST_CASE("focal cross-entropy: errors") {
    const Tensor t = zeros({2, 3});
    CHECK(error_of([&] { binary_focal_crossentropy(t, t, {}, {.gamma = -1}); }) ==
          "[binary_focal_crossentropy] gamma is -1; it must not be negative.");
    CHECK(error_of([&] { binary_focal_crossentropy_from_logits(t, t, {}, {.alpha = 2}); }) ==
          "[binary_focal_crossentropy_from_logits] alpha is 2; it must lie in [0, 1].");
    CHECK(error_of([&] { binary_focal_crossentropy(t, t, {}, {.label_smoothing = 2}); }) ==
          "[binary_focal_crossentropy] label smoothing is 2; it must lie in [0, 1].");
    CHECK(error_of([&] { categorical_focal_crossentropy(t, t, {}, {.alpha = zeros({2})}); }) ==
          "[categorical_focal_crossentropy] alpha is f32[2] for 3 classes; it must be a number or one for "
          "each class.");
    CHECK(error_of([&] {
            categorical_focal_crossentropy_from_logits(t, zeros({3, 3}));
          }).starts_with("[categorical_focal_crossentropy_from_logits] targets are f32[2,3]"));
    CHECK(error_of([&] { categorical_focal_crossentropy(t, t, {}, {.gamma = -0.5}); }) ==
          "[categorical_focal_crossentropy] gamma is -0.5; it must not be negative.");
  }
}

}  // namespace hekla::testing
