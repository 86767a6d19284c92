// The circle loss and the generalized cross-entropy against keras.losses of Keras 3.15.
#include "ops/circle_loss.h"

#include <doctest/doctest.h>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/generalized_cross_entropy.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

Tensor labels() { return tensor(std::vector<std::int32_t>{0, 1, 0, 1, 2}); }
Tensor embeddings() {
  return tensor({-0.101015233, 0.404061019, 0.909137249, 0.302072316, 0.949370086, 0.0863063931, 0.808607578,
                 -0.142695427, 0.570781827, 0.760035872, 0.19704634, 0.619288504, 0.115087099, 0.978240132,
                 -0.172630578},
                {5, 3});
}
Tensor probabilities() { return tensor({0.05, 0.95, 0, 0.1, 0.8, 0.1, 0.3, 0.3, 0.4}, {3, 3}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("circle loss") {
    expect([] { return circle(labels(), embeddings(), {.reduction = Reduction::none}); }, {5}, f32,
           {30.8096962, 68.8470917, 75.8714447, 67.5409012, 0});
    // The mean of four: the last example has none of its label.
    expect([] { return circle(labels(), embeddings()); }, {}, f32, {60.7672844});
    expect(
        [] {
          return circle(labels(), embeddings(), {}, {.gamma = 2, .margin = 0.25, .remove_diagonal = false});
        },
        {}, f32, {2.71263456});
    expect(
        [] {
          return circle(labels(), embeddings(), {.sample_weight = tensor({1.0, 2, 0.5, 1, 3})}, {.gamma = 4});
        },
        {}, f32, {3.72169614});
    expect(
        [] {
          const Tensor x = embeddings();
          return grad(4 * circle(labels(), x), x);
        },
        {5, 3}, f32,
        {-91.7255096, 46.1711845, -57.2519112, -111.409851, 115.057968, -131.209839, 248.657181, -20.9528236,
         5.7733407, 182.844589, -167.319153, 239.353561, 45.8462372, 144.088165, 13.0989275},
        1e-5);
  }

  TEST_CASE("generalized cross-entropy") {
    const auto classes = [] { return tensor(std::vector<std::int32_t>{1, 1, 0}); };
    const auto each = [&](double q, const std::vector<double>& expected) {
      expect(
          [&] {
            return categorical_generalized_cross_entropy(classes(), probabilities(),
                                                         {.reduction = Reduction::none}, q);
          },
          {3}, f32, expected);
    };
    each(0.5, {0.0506411791, 0.211145639, 0.904554844});
    each(0.8, {0.0502551347, 0.204360411, 0.772902668});
  }

  TEST_CASE("circle loss, generalized cross-entropy: errors") {
    CHECK(
        error_of([] { circle(zeros({5}), embeddings()); }) ==
        "[circle] labels are f32[5] and embeddings f32[5,3]; they must be integers [n] or [n, 1] and f32 [n, "
        "features].");
    CHECK(error_of([] { circle(labels(), embeddings(), {}, {.gamma = 0}); }) ==
          "[circle] gamma is 0; it must be positive.");
    CHECK(
        error_of([] { categorical_generalized_cross_entropy(labels(), probabilities()); }) ==
        "[categorical_generalized_cross_entropy] classes are i32[5] and probabilities f32[3,3]; they must be "
        "integers [..] or [.., 1] and f32 [.., classes].");
    CHECK(error_of([] { categorical_generalized_cross_entropy(labels(), probabilities(), {}, 1); }) ==
          "[categorical_generalized_cross_entropy] q is 1; it must lie between 0 and 1.");
  }
}

}  // namespace hekla::testing
