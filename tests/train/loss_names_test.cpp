// Losses as a model's: by name, and where targets have another shape than predictions.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

TEST_SUITE("train") {
  TEST_CASE("losses by name") {
    reference();
    const Tensor t = tensor({0.0, 1, 1, 0}, {2, 2}), p = tensor({0.2, 0.8, 0.6, 0.4}, {2, 2});
    using Function = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);
    const auto check = [&](const char* name, Function loss) {
      CAPTURE(name);
      CHECK(Loss(name)(t, p).item() == loss(t, p, {}).item());
    };
    check("mape", mean_absolute_percentage_error);
    check("mean_absolute_percentage_error", mean_absolute_percentage_error);
    check("msle", mean_squared_logarithmic_error);
    check("mean_squared_logarithmic_error", mean_squared_logarithmic_error);
    check("kld", kl_divergence);
    check("bce", binary_crossentropy);
    check("binary_focal_crossentropy", binary_focal_crossentropy);
    check("binary_focal_crossentropy_from_logits", binary_focal_crossentropy_from_logits);
    check("categorical_focal_crossentropy", categorical_focal_crossentropy);
    check("categorical_focal_crossentropy_from_logits", categorical_focal_crossentropy_from_logits);
    check("dice", dice);
    check("tversky", tversky);
  }

  TEST_CASE("losses in a model: ctc learns labels without their times, on the device under test") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      set_random_seed(1);
      Sequential reader({Dense(4)});
      reader.compile({.optimizer = Adam({.learning_rate = 0.1}), .loss = "ctc"});
      const Tensor sounds = pattern({2, 5, 3});
      const Tensor labels = tensor(std::vector<std::int32_t>{1, 2, 3, 0}, {2, 2});
      const double before = reader.evaluate(sounds, labels, {.verbose = 0})["loss"];
      CHECK(before == doctest::Approx(ctc(labels, reader(sounds)).item()));
      reader.fit(sounds, labels, {.epochs = 30, .verbose = 0});
      CHECK(reader.evaluate(sounds, labels, {.verbose = 0})["loss"] < 0.5 * before);
    }
    set_default_device(reference());
  }
}

}  // namespace hekla::testing
