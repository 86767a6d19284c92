// Training steps for tests.
#include "tests/compiler/models.h"

namespace hekla::testing {

TrainingStep::TrainingStep(Model model, double momentum, std::int64_t features, std::int64_t hidden_units) {
  constexpr std::int64_t examples = 256;
  constexpr std::int64_t batch = 32;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(examples * features));
  std::vector<std::uint8_t> classes(examples);
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = static_cast<std::uint8_t>(i * 7 % 10);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t image = i / static_cast<std::size_t>(features);
    pixels[i] = static_cast<std::uint8_t>((i * 31 + classes[image] * (i % 13)) % 256);
  }
  const Tensor images = tensor(pixels, {examples, features}).label("images");
  const Tensor labels = tensor(classes, {examples}).label("labels");
  const Tensor position = variable(constant(0, {}, i32), "position");

  const Tensor picked = position + arange(batch);
  const Tensor x = cast(gather(images, picked), f32) / 255;
  const Tensor y = gather(labels, picked);
  set_random_seed(1);  // every model gets the same initial weights
  Tensor logits;
  if (model == Model::mlp) {
    const Dense hidden(hidden_units, relu, {.name = "hidden"});
    const Dense output(10, {.name = "output"});
    logits = output(hidden(x));
    weights = hidden.weights();
    for (const Tensor& weight : output.weights()) weights.push_back(weight);
  } else {
    const Dense output(10, {.name = "output"});
    logits = output(x);
    weights = output.weights();
  }
  loss = sparse_categorical_crossentropy_from_logits(y, logits).label("loss");
  SGD sgd({.learning_rate = 0.1, .momentum = momentum});
  updates = sgd.step(weights, grad(loss, weights));
  updates.push_back({position, (position + batch) % examples});
}

}  // namespace hekla::testing
