// Normalization layers against PyTorch's functions over the same numbers.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;

BatchNormalization filled() {
  return BatchNormalization(
      {.momentum = 0.75, .beta_initializer = given({0.5, -1}), .gamma_initializer = given({2, 0.5})});
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("batch normalization layer: the batch in training, the moving statistics afterwards") {
    reference();
    const BatchNormalization layer = filled();
    const Tensor x = pattern({2, 2, 2, 2});
    const Mode mode = training();
    check_values(layer(x, mode), {2, 2, 2, 2},
                 {-2.44066775, -0.698572921, -0.676267099, -0.216289596, 1.08813355, -1.50237846, 2.8525342,
                  -1.02009514, -1.8525342, -0.537811813, -0.0881335497, -1.82390068, 1.6762671, -1.34161736,
                  3.44066775, -0.85933403});
    CHECK(described(layer.weights()) ==
          Strings{"batch_normalization/gamma [2]", "batch_normalization/beta [2]",
                  "batch_normalization/moving_mean [2]", "batch_normalization/moving_variance [2]"});
    REQUIRE(mode.record().updates.size() == 2);
    evaluate({.updates = mode.record().updates}, reference());
    // PyTorch updates its statistics with an unbiased variance, Keras with the biased one.
    check_values(layer.weights()[2], {2}, {0, 0.00390625});
    check_values(layer.weights()[3], {2}, {0.794921875, 0.787536621});
    check_values(layer(x), {2, 2, 2, 2},
                 {-0.901118258, -0.861433051, -0.0604473034, -0.650283414, 0.780223652, -1.21334911,
                  1.62089461, -1.00219948, -0.620894607, -0.791049839, 0.219776348, -1.35411554, 1.0604473,
                  -1.1429659, 1.90111826, -0.931816263});
  }

  TEST_CASE("batch normalization layer: called twice in a step, the statistics move twice") {
    reference();
    const BatchNormalization layer({.momentum = 0.5});
    const Mode mode = training();
    layer(full({2, 1}, 8), mode);
    layer(full({2, 1}, 2), mode);
    REQUIRE(mode.record().updates.size() == 2);
    evaluate({.updates = mode.record().updates}, reference());
    check_values(layer.weights()[2], {1}, {0.5 * (0.5 * 0 + 0.5 * 8) + 0.5 * 2});
    check_values(layer.weights()[3], {1}, {0.25});
  }

  TEST_CASE("batch normalization layer: options") {
    reference();
    const BatchNormalization bare({.axis = 1, .center = false, .scale = false});
    const Tensor x = pattern({3, 4, 2});
    CHECK(bare(x).shape() == x.shape());
    CHECK(described(bare.weights()) ==
          Strings{"batch_normalization/moving_mean [4]", "batch_normalization/moving_variance [4]"});
    const BatchNormalization frozen({.trainable = false});
    const Mode mode = training();
    CHECK(reference_values(frozen(x, mode)) == reference_values(frozen(x)));
    CHECK(mode.record().updates.empty());
  }

  TEST_CASE("layer normalization layer") {
    expect(
        [] {
          return LayerNormalization({.beta_initializer = given({0.5, -1, 0}),
                                     .gamma_initializer = given({2, 0.5, 1})})(pattern({2, 3}));
        },
        {2, 3}, f32, {-1.81595679, -0.363111882, -0.11579784, 2.94217418, -1, -1.22108709}, 1e-5);
    const LayerNormalization both({.axis = {1, 2}});
    check_values(both(pattern({1, 2, 3})), {1, 2, 3},
                 {-1.38909671, 0.694548354, -0.496105967, 1.5875391, 0.396884774, -0.793769548});
    CHECK(described(both.weights()) ==
          Strings{"layer_normalization/gamma [2,3]", "layer_normalization/beta [2,3]"});
  }

  TEST_CASE("group normalization layer") {
    reference();
    const GroupNormalization layer(
        2, {.beta_initializer = given({0.5, -1, 0, 0}), .gamma_initializer = given({2, 0.5, 1, 1})});
    check_values(layer(pattern({1, 2, 2, 4})), {1, 2, 2, 4},
                 {-2.41521873, -0.528420499, -0.850629876, 1.22046895, 1.70038418, -1.38583777, 0.924597692,
                  -0.258887354, -1.72928491, -0.356937044, -0.554758615, -1.73824366, 2.386318, -1.21435432,
                  1.22046895, 0.0369839077});
    CHECK(described(layer.weights()) ==
          Strings{"group_normalization/gamma [4]", "group_normalization/beta [4]"});
    const Tensor x = pattern({2, 3, 3, 4});
    CHECK(reference_values(GroupNormalization(-1)(x)) == reference_values(instance_normalization(x)));
  }

  // What keras.layers.RMSNormalization and UnitNormalization of Keras 3.15 give.
  TEST_CASE("root mean square and unit normalization") {
    reference();
    const Tensor x = tensor({{{1, 2, -3}, {0.5, 0, 2}}, {{0, 0, 0}, {4, -1, 1}}});
    const auto check = [](const Tensor& found, const std::vector<double>& expected) {
      const std::vector<double> numbers = reference_values(found);
      REQUIRE(numbers.size() == expected.size());
      for (std::size_t i = 0; i < numbers.size(); ++i)
        CHECK(numbers[i] == doctest::Approx(expected[i]).epsilon(1e-6));
    };
    const RMSNormalization layer;
    check(layer(x), {0.462909997, 0.925819993, -1.388730049, 0.420083880, 0, 1.680335522, 0, 0, 0,
                     1.632993102, -0.408248276, 0.408248276});
    CHECK(describe(layer.weights()[0]) == "rms_normalization/scale f32[3]");
    check(RMSNormalization({.axis = {1, 2}})(x),
          {0.573382080, 1.146764159, -1.720146179, 0.286691040, 0, 1.146764159, 0, 0, 0, 2.309400558,
           -0.577350140, 0.577350140});
    check(UnitNormalization()(x), {0.267261237, 0.534522474, -0.801783681, 0.242535636, 0, 0.970142543, 0, 0,
                                   0, 0.942809105, -0.235702276, 0.235702276});
    check(UnitNormalization({1})(x),
          {0.894427180, 1, -0.832050323, 0.447213590, 0, 0.554700196, 0, 0, 0, 1, -1, 1});
    CHECK(error_of([] { UnitNormalization(std::vector<int>{}); }) ==
          "[unit_normalization] no axis; name at least one.");
    CHECK(error_of([] { RMSNormalization({.epsilon = -1}); }) ==
          "[rms_normalization] epsilon is -1; it must not be negative.");
  }

  TEST_CASE("normalization layers: errors") {
    reference();
    CHECK(error_of([] { BatchNormalization({.momentum = 1.5}); }) ==
          "[batch_normalization] momentum is 1.5; it must lie in [0, 1].");
    CHECK(error_of([] { BatchNormalization({.epsilon = -1}); }) ==
          "[batch_normalization] epsilon is -1; it must not be negative.");
    CHECK(error_of([] { BatchNormalization({.name = "bn"})(zeros({3})); }) ==
          "[bn] takes [batch, .., features], not f32[3].");
    CHECK(error_of([] {
            BatchNormalization({.axis = 2})(zeros({3, 4}));
          }) == "[batch_normalization] axis 2 does not exist; a tensor of rank 2 has axes -2 to 1.");
    CHECK(error_of([] { LayerNormalization({.axis = {}}); }) ==
          "[layer_normalization] no axis; name at least one.");
    CHECK(error_of([] { LayerNormalization({.epsilon = -1}); }) ==
          "[layer_normalization] epsilon is -1; it must not be negative.");
    CHECK(error_of([] { LayerNormalization()(zeros({3})); }) ==
          "[layer_normalization] takes [batch, .., features], not f32[3].");
    CHECK(error_of([] { GroupNormalization(0); }) ==
          "[group_normalization] 0 groups; at least one is needed, or -1 for one of each channel.");
    CHECK(error_of([] { GroupNormalization(2, {.epsilon = -1}); }) ==
          "[group_normalization] epsilon is -1; it must not be negative.");
    CHECK(error_of([] {
            GroupNormalization()(zeros({3, 4}));
          }) ==
          "[group_normalization] 32 groups of 4 channels of f32[3,4]; the groups must divide the channels.");
    CHECK(error_of([] { GroupNormalization()(zeros({3})); }) ==
          "[group_normalization] takes [batch, .., features], not f32[3].");
  }
}

}  // namespace hekla::testing
