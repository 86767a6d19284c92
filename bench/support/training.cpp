// See training.h.
#include "bench/support/training.h"

#include <random>

#include "hekla.h"
#include "train/data/feed.h"
#include "train/model/state.h"
#include "train/model/steps.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t examples = 60'000;

// Advances to the next batch, wrapping around after the last one.
Update advance(const Feed& feed, std::int64_t batch) {
  const auto [position, next] = feed.advance(batch);
  return {position, where(next > static_cast<std::int32_t>(feed.count() - batch), 0, next)};
}

// A convolution with relu and pooling.
Layer block(std::int64_t channels, std::int64_t filters) {
  const Tensor kernel = variable(glorot_uniform({3, 3, channels, filters}, random_key(3)));
  const Tensor bias = variable(zeros({filters}));
  return [=](const Tensor& x) {
    return max_pool2d(relu(conv2d(x, kernel, {.padding = PaddingMode::same}) + bias));
  };
}

}  // namespace

const Dataset& noise() {
  static const Dataset images = [] {
    std::vector<std::uint8_t> pixels(examples * 28 * 28), labels(examples);
    std::mt19937 bits(1);
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(bits());
    for (auto& label : labels) label = static_cast<std::uint8_t>(bits() % 10);
    return Dataset(tensor(pixels, {examples, 28 * 28}), tensor(labels)).map(Rescaling(1.0 / 255));
  }();
  return images;
}

Sequential softmax_regression() { return Sequential({Input({784}), Dense(10)}); }

Sequential mlp() { return Sequential({Input({784}), Dense(100, relu), Dense(10)}); }

Sequential cnn() {
  return Sequential({Input({784}), Reshape({28, 28, 1}), block(1, 32), block(32, 64), Flatten(),
                     Dense(100, relu), Dense(10)});
}

Optimizer sgd() { return SGD({.learning_rate = 1e-3}); }
Optimizer adam() { return Adam({.learning_rate = 1e-3}); }

Step given_step(const Sequential& model, Optimizer optimizer, std::int64_t batch) {
  const Tensor images = variable(random_uniform({batch, 28 * 28}, random_key(5)), "images");
  const Tensor labels = variable(arange(batch) % 10, "labels");
  const std::vector<Tensor> weights = model.trainable_weights();
  return {.build =
              [=]() mutable {
                const Tensor loss = sparse_categorical_crossentropy_from_logits(labels, model(images));
                return Computation{.updates = optimizer.step(weights, grad(loss, weights))};
              },
          .waited_for = weights.back()};
}

Step resident_step(const Sequential& model, Optimizer optimizer, const Dataset& data, std::int64_t batch) {
  const std::vector<Tensor> weights = model.trainable_weights();
  const Feed feed(data);
  evaluate({.updates = feed.restart(random_key(7))});
  const auto build = [=]() mutable {
    const Batch picked = feed.next(batch);
    const Tensor scores = model(data.mapped(picked, {}).inputs[0]);
    const Tensor loss = sparse_categorical_crossentropy_from_logits(picked.targets[0], scores);
    std::vector<Update> updates = optimizer.step(weights, grad(loss, weights));
    updates.push_back(advance(feed, batch));
    return Computation{.updates = updates};
  };
  return {.build = build, .waited_for = weights.back()};
}

Step trainer_step(Sequential model, Optimizer optimizer, std::int64_t batch) {
  model.compile(
      {.optimizer = optimizer, .loss = sparse_categorical_crossentropy_from_logits, .metrics = {accuracy}});
  const Feed feed(noise());
  auto metrics = std::make_shared<RunningMetrics>();
  const auto build = [=]() mutable {
    Computation step =
        training_step(state_of(model), noise(), *metrics, {}, feed.next(batch), batch).computation;
    step.updates.push_back(advance(feed, batch));
    return step;
  };
  return {.build = build, .waited_for = model.trainable_weights().back()};
}

}  // namespace hekla::bench
