// Losses of overlap against Keras 3.15's functions of the same names.
#include "ops/region_loss.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

const LossOptions each{.reduction = Reduction::none};

Tensor targets() { return tensor({1.0, 1, 0, 0, 1, 1, 0, 0}, {2, 2, 2, 1}); }
Tensor predictions() { return tensor({0, 1, 0, 1, 0.4, 0, 0, 0.9}, {2, 2, 2, 1}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("dice: Keras's numbers") {
    expect([] { return dice(targets(), predictions()); }, {}, f32, {0.616438361});
    expect(
        [] {
          return dice(targets(), predictions(), each, {1, 2, 3});
        },
        {2}, f32, {0.500000012, 0.757575765});
    expect(
        [] {
          return dice(targets(), predictions(), {.sample_weight = tensor({2.0, 0})}, {1, 2, 3});
        },
        {}, f32, {0.500000012});
    expect([] { return dice(zeros({2}), zeros({2})); }, {}, f32, {1});
    CHECK(error_of([] { dice(zeros({2, 3}), zeros({2})); }).starts_with("[dice] targets are f32[2,3]"));
    CHECK(error_of([] {
            dice(zeros({2}), zeros({2}), {.sample_weight = ones({2})});
          }).starts_with("[dice] sample_weight is f32[2]"));
    CHECK(error_of([] { dice(zeros({2}), zeros({2}), {}, {1}); }).starts_with("[sum] axis 1"));
  }

  TEST_CASE("tversky: Keras's numbers") {
    expect([] { return tversky(targets(), predictions()); }, {}, f32, {0.616438367});
    expect([] { return tversky(targets(), predictions(), {}, {.alpha = 0.3, .beta = 0.7}); }, {}, f32,
           {0.601139613});
    expect(
        [] {
          return tversky(targets(), predictions(), each, {.alpha = 0.3, .beta = 0.7, .axis = {1, 2, 3}});
        },
        {2}, f32, {0.500000025, 0.735099355});
    CHECK(error_of([] { tversky(zeros({2}), zeros({2}, i32)); }) ==
          "[tversky] predictions are i32[2]; they must be f32.");
  }
}

}  // namespace hekla::testing
