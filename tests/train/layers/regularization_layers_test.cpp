// Layers of noise and penalties: what they draw in training, what they leave alone in inference.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

// Inference and a layer without noise return x; both keep its mask. Noise depends on the training key alone.
template <class L>
void check_noise(const L& layer, const L& silent, const Tensor& x) {
  const std::vector<double> same = reference_values(x);
  CHECK(reference_values(layer(x)) == same);
  CHECK(reference_values(silent(x, training())) == same);
  CHECK(reference_values(layer(x, training(1))) == reference_values(layer(x, training(1))));
  CHECK(reference_values(layer(x, training(1))) != reference_values(layer(x, training(2))));
  const Mode mode = training();
  mode.set_mask(x, zeros({x.size(0), x.size(1)}, boolean));
  CHECK(mode.mask_of(layer(x, mode)).defined());
  CHECK(layer(zeros(x.shape(), u8)).dtype() == f32);
}

double mean_of(const Tensor& x) { return reference_values(mean(x))[0]; }
double deviation_of(const Tensor& x) { return reference_values(std(x))[0]; }

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("regularization layers: dropout of channels") {
    reference();
    check_noise(SpatialDropout1D(0.4), SpatialDropout1D(0), pattern({4, 3, 10}));
    check_noise(SpatialDropout2D(0.4), SpatialDropout2D(0), pattern({4, 3, 2, 10}));
    check_noise(SpatialDropout3D(0.4), SpatialDropout3D(0), pattern({4, 3, 2, 1, 10}));
    const std::vector<double> values =
        reference_values(SpatialDropout2D(0.5)(ones({20, 2, 3, 50}), training()));
    double dropped = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      REQUIRE((values[i] == 0 || values[i] == 2));
      REQUIRE(values[i] == values[i / 300 * 300 + i % 50]);
      dropped += values[i] == 0;
    }
    CHECK(std::abs(dropped / 6000 - 0.5) < 4 * std::sqrt(0.25 / 1000));
    CHECK(error_of([] { SpatialDropout1D(1.5); }) ==
          "[spatial_dropout1d] rate is 1.5; it must lie in [0, 1].");
    CHECK(error_of([] {
            SpatialDropout2D(0.5)(zeros({2, 3, 4}));
          }) == "[spatial_dropout2d] takes [batch, 2 spatial, channels], not f32[2,3,4].");
  }

  TEST_CASE("regularization layers: normal noise, added and multiplied") {
    reference();
    check_noise(GaussianNoise(0.4), GaussianNoise(0), pattern({4, 3, 10}));
    check_noise(GaussianDropout(0.4), GaussianDropout(0), pattern({4, 3, 10}));
    const Tensor twos = full({20000}, 2);
    // Within four standard deviations of the estimates.
    const Tensor added = GaussianNoise(0.5)(twos, training());
    CHECK(std::abs(mean_of(added) - 2) < 4 * 0.5 / std::sqrt(20000));
    CHECK(std::abs(deviation_of(added) - 0.5) < 4 * 0.5 / std::sqrt(40000));
    const Tensor multiplied = GaussianDropout(0.2)(twos, training());
    CHECK(std::abs(mean_of(multiplied) - 2) < 4 * 1 / std::sqrt(20000));
    CHECK(std::abs(deviation_of(multiplied) - 2 * std::sqrt(0.2 / 0.8)) < 4 * 1 / std::sqrt(40000));
    CHECK(error_of([] { GaussianNoise(-0.5); }) == "[gaussian_noise] stddev is -0.5; it must lie in [0, 1].");
    CHECK(error_of([] { GaussianDropout(1); }) == "[gaussian_dropout] rate is 1; it must lie in [0, 1).");
  }

  TEST_CASE("regularization layers: alpha dropout") {
    reference();
    check_noise(AlphaDropout(0.4), AlphaDropout(0), pattern({4, 3, 10}));
    for (const double value : reference_values(AlphaDropout(0.3)(full({100}, 2), training())))
      CHECK((value == doctest::Approx(-1.0595481589864801) || value == doctest::Approx(2.175997300629775)));
    CHECK(error_of([] { AlphaDropout(1, {.name = "last"}); }) == "[last] rate is 1; it must lie in [0, 1).");
  }

  TEST_CASE("regularization layers: a penalty on what passes, in training and in inference") {
    reference();
    const Tensor x = tensor({1, -2, 3, 0.5}, {2, 2});
    for (const Mode& mode : {Mode(), training()}) {
      const ActivityRegularization layer(0.1, 0.01);
      check_values(layer(x, mode), {2, 2}, {1, -2, 3, 0.5});
      REQUIRE(mode.record().losses.size() == 1);
      // keras.layers.ActivityRegularization(0.1, 0.01).losses: (0.1 * 6.5 + 0.01 * 14.25) / 2.
      check_values(mode.record().losses[0], {}, {0.39625});
    }
    const Mode none;
    ActivityRegularization()(x, none);
    CHECK(none.record().losses.empty());
    CHECK(error_of([] { ActivityRegularization(-1); }) ==
          "[activity_regularization] l1 is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { ActivityRegularization(0, INFINITY); }) ==
          "[activity_regularization] l2 is inf; it must be a finite number, not negative.");
    // The loss that is shown holds it.
    Sequential model({ActivityRegularization(0.1, 0.01)});
    model.compile({.loss = "mse"});
    CHECK(model.evaluate(x, x, {.verbose = 0})["loss"] == doctest::Approx(0.39625));
  }

  TEST_CASE("regularization layers: one step in a model on the device under test") {
    if (!device()) return;
    set_random_seed(1);
    Sequential model({Input({4, 3}), SpatialDropout1D(0.2), GaussianNoise(0.1), GaussianDropout(0.1),
                      AlphaDropout(0.1), ActivityRegularization(0.01), Flatten(), Dense(1)});
    for (const char* text : {"spatial_dropout1d", "gaussian_noise (GaussianNoise)", "gaussian_dropout",
                             "alpha_dropout (AlphaDropout)"})
      CHECK(model.summary().find(text) != std::string::npos);
    model.compile({.loss = "mse"});
    set_default_device(device());
    const History history = model.fit(pattern({4, 4, 3}), pattern({4, 1}), {.epochs = 2, .verbose = 0});
    set_default_device(reference());
    CHECK(std::isfinite(history["loss"][1]));
  }
}

}  // namespace hekla::testing
