// The loss of triplets against torch.nn.functional.triplet_margin_loss.
#include "ops/triplet_loss.h"

#include <doctest/doctest.h>

#include <limits>

#include "ops/create.h"
#include "tests/support/expect.h"

namespace hekla::testing {

TEST_SUITE("ops") {
  TEST_CASE("triplet margin loss: PyTorch's numbers") {
    const auto loss = [](const LossOptions& options, const TripletOptions& triplet) {
      return triplet_margin_loss(tensor({-0.625, 0.25, -0.25, 0.625, 0.125, -0.375}, {2, 3}),
                                 tensor({-0.5, 0.125, -0.375, 0.25, -0.25, 0.375}, {2, 3}),
                                 tensor({-0.375, 0, 0.375, -0.125, 0.25, -0.25}, {2, 3}), options, triplet);
    };
    const auto each = [&](const TripletOptions& triplet, const std::vector<double>& expected) {
      expect([&] { return loss({.reduction = Reduction::none}, triplet); }, {2}, f32, expected);
    };
    each({}, {0.498437468, 1.14800625});
    each({.p = 1}, {0.250002, 1.500002});
    each({.margin = 2, .p = std::numeric_limits<double>::infinity()}, {1.500002, 1.999998});
    each({.margin = 0.5, .swap = true}, {0, 0.648006254});
    each({.eps = 0.1}, {0.670622545, 1.08401098});
    expect([&] { return loss({}, {}); }, {}, f32, {(0.498437468 + 1.14800625) / 2});
    expect(
        [&] {
          return loss({.reduction = Reduction::sum, .sample_weight = tensor({2.0, 0})}, {});
        },
        {}, f32, {2 * 0.498437468});
  }

  TEST_CASE("triplet margin loss: errors") {
    const Tensor x = zeros({2, 3});
    CHECK(error_of([&] {
            triplet_margin_loss(x, x, zeros({2, 2}));
          }) ==
          "[triplet_margin_loss] anchor, positive and negative are f32[2,3], f32[2,3] and f32[2,2]; they "
          "must be f32 "
          "of one shape of rank 1 or more.");
    CHECK(error_of([&] { triplet_margin_loss(x, x, x, {}, {.margin = 0}); }) ==
          "[triplet_margin_loss] margin is 0 and eps 1e-06; both must be positive.");
    CHECK(error_of([&] { triplet_margin_loss(x, x, x, {}, {.p = 3}); }).starts_with("[norm] "));
  }
}

}  // namespace hekla::testing
