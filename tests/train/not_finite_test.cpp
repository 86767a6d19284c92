// A NaN in a training propagates to the loss, through every part of a network, and TerminateOnNaN reports its
// origin.
#include "train/model/not_finite.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/callbacks/callbacks.h"
#include "train/layers/layers.h"
#include "train/model/model.h"

namespace hekla::testing {

namespace {

// 16 images of 4 x 4, one pixel of which is `odd`.
Dataset images(float odd) {
  std::vector<float> pixels(16 * 16);
  std::vector<std::int32_t> labels(16);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::sin(static_cast<float>(i) * 1.7f);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = pixels[i * 16] > 0 ? 1 : 0;
  pixels[5 * 16 + 3] = odd;
  return {tensor(pixels, {16, 4, 4, 1}), tensor(labels)};
}

struct Outcome {
  std::string cause;
  std::size_t epochs;
};

Outcome train(Sequential model, const Optimizer& optimizer, float odd) {
  model.compile({.optimizer = optimizer, .loss = sparse_categorical_crossentropy_from_logits});
  TerminateOnNaN watch;
  const History history = model.fit(
      images(odd), {.batch_size = 8, .epochs = 2, .verbose = 0, .callbacks = {watch}, .shuffle = false});
  for (const Tensor& weights : model.get_weights()) {
    for (const float weight : weights.to_vector()) CHECK(std::isfinite(weight));
  }
  return {watch.cause(), history.epoch.size()};
}

Tensor in(DType half, const Tensor& x) { return cast(cast(x, half), f32); }

const std::vector<std::function<Sequential()>>& networks() {
  static const std::vector<std::function<Sequential()>> all{
      [] {
        return Sequential({Flatten(), Dense(4, relu), Dense(2)});
      },
      [] {
        return Sequential({Flatten(), Dense(4, relu6), Dense(3, hard_sigmoid), Dense(2)});
      },
      [] {
        return Sequential({MaxPooling2D(2), Flatten(), Dense(2)});
      },
      [] {
        return Sequential({GlobalMaxPooling2D(), Dense(2)});
      },
      [] {
        return Sequential({Flatten(), [](const Tensor& x) { return in(f16, x); }, Dense(4, relu),
                           [](const Tensor& x) { return in(bf16, x); }, Dense(2)});
      }};
  return all;
}

}  // namespace

TEST_CASE("one NaN pixel ends a training, whatever the network and the clipping") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::function<Optimizer()>> optimizers{
      [] { return SGD({.learning_rate = 0.1}); }, [] { return Adam({}, {.clipnorm = 1}); },
      [] { return Adam({}, {.global_clipnorm = 1}); }, [] { return SGD({}, {.clipvalue = 0.1}); }};
  for (const auto& tested : reference_and_device()) {
    set_default_device(tested);
    CAPTURE(tested->name());
    for (std::size_t i = 0; i < networks().size(); ++i) {
      CAPTURE(i);
      set_random_seed(1);
      const Outcome outcome = train(networks()[i](), optimizers[i % optimizers.size()](), nan);
      // Nothing is NaN besides the data, so the data is named.
      CHECK_MESSAGE(outcome.cause.starts_with("the loss is not finite in step 1 of epoch 1: "),
                    outcome.cause);
      CHECK_MESSAGE(outcome.cause.ends_with("f32[16,4,4,1] holds NaN, first at [5,0,3,0]"), outcome.cause);
      CHECK(outcome.epochs == 0);
      if (i > 0) continue;
      CHECK(train(networks()[i](), optimizers[i](), 0).cause.empty());
    }
  }
  set_default_device(reference());
}

TEST_CASE("what becomes too large for f16 is named") {
  for (const auto& tested : reference_and_device()) {
    set_default_device(tested);
    const auto large = [](const Tensor& x) { return in(f16, x * 1e6f); };
    const Outcome outcome =
        train(Sequential({Flatten(), large, LayerNormalization(), Dense(2)}), SGD(), 0.5f);
    CHECK_MESSAGE(
        outcome.cause.find("before it, the first infinity comes from cast(f32[8,16])") != std::string::npos,
        outcome.cause);
  }
  set_default_device(reference());
}

}  // namespace hekla::testing
