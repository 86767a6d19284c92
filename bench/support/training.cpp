// See training.h.
#include "bench/support/training.h"

#include <memory>
#include <random>

#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t examples = 60'000;

// Noise, since the values of pixels make no difference to the work.
const data::LabeledImages& noise() {
  static const data::LabeledImages images = [] {
    data::LabeledImages made{.images = std::vector<std::uint8_t>(examples * 28 * 28),
                             .labels = std::vector<std::uint8_t>(examples),
                             .count = examples,
                             .height = 28,
                             .width = 28};
    std::mt19937 bits(1);
    for (auto& pixel : made.images) pixel = static_cast<std::uint8_t>(bits());
    for (auto& label : made.labels) label = static_cast<std::uint8_t>(bits() % 10);
    return made;
  }();
  return images;
}

Model chain_of(const std::vector<Dense>& layers) {
  Model model;
  for (const Dense& layer : layers) model.weights.insert(model.weights.end(), {layer.kernel, layer.bias});
  model.scores = [layers](Tensor x) {
    for (const Dense& layer : layers) x = layer(x);
    return x;
  };
  return model;
}

}  // namespace

Model softmax_regression() { return chain_of({Dense(784, 10, random_key(1))}); }

Model mlp() { return chain_of({Dense(784, 100, random_key(1), relu), Dense(100, 10, random_key(2))}); }

Model cnn() {
  Model model = chain_of({Dense(7 * 7 * 64, 100, random_key(1), relu), Dense(100, 10, random_key(2))});
  const Tensor first = variable(glorot_uniform({3, 3, 1, 32}, random_key(3))),
               first_bias = variable(zeros({32}));
  const Tensor second = variable(glorot_uniform({3, 3, 32, 64}, random_key(4))),
               second_bias = variable(zeros({64}));
  // The last of the weights stays the small one that is waited for.
  model.weights.insert(model.weights.begin(), {first, first_bias, second, second_bias});
  model.scores = [=, dense = model.scores](const Tensor& images) {
    const ConvOptions same{.padding = PaddingMode::same};
    const Tensor x = reshape(images, {images.size(0), 28, 28, 1});
    const Tensor y = max_pool2d(relu(conv2d(x, first, same) + first_bias));
    const Tensor z = max_pool2d(relu(conv2d(y, second, same) + second_bias));
    return dense(reshape(z, {images.size(0), 7 * 7 * 64}));
  };
  return model;
}

Optimizer sgd() { return SGD({.learning_rate = 1e-3}); }
Optimizer adam() { return Adam({.learning_rate = 1e-3}); }

Step given_step(const Model& model, Optimizer optimizer, std::int64_t batch) {
  const Tensor images = variable(random_uniform({batch, 28 * 28}, random_key(5)), "images");
  const Tensor labels = variable(arange(batch) % 10, "labels");
  return {.build =
              [=]() mutable {
                const Tensor loss = sparse_categorical_crossentropy_from_logits(labels, model.scores(images));
                return Computation{.updates = optimizer.step(model.weights, grad(loss, model.weights))};
              },
          .waited_for = model.weights.back()};
}

Step trainer_step(const Model& model, Optimizer optimizer, std::int64_t batch) {
  const data::Batches batches(noise());
  const RunningMetrics metrics;
  const auto build = [=]() mutable {
    const data::Batch picked = batches.next(batch);
    const Tensor scores = model.scores(picked.images);
    const Tensor loss = sparse_categorical_crossentropy_from_logits(picked.labels, scores);
    std::vector<Update> updates = optimizer.step(model.weights, grad(loss, model.weights));
    for (const Update& update : metrics.add(loss, picked.labels, scores)) updates.push_back(update);
    const auto [position, next] = picked.advance;
    updates.push_back({position, where(next > static_cast<std::int32_t>(examples - batch), 0, next)});
    return Computation{.updates = updates};
  };
  return {.build = build, .waited_for = model.weights.back()};
}

}  // namespace hekla::bench
