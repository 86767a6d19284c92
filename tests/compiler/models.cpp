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
  Tensor logits;
  if (model == Model::mlp) {
    const Dense hidden(features, hidden_units, random_key(1, 0), relu, "hidden");
    const Dense output(hidden_units, 10, random_key(1, 1), nullptr, "output");
    logits = output(hidden(x));
    weights = {hidden.kernel, hidden.bias, output.kernel, output.bias};
  } else {
    const Dense output(features, 10, random_key(1, 1), nullptr, "output");
    logits = output(x);
    weights = {output.kernel, output.bias};
  }
  loss = sparse_categorical_crossentropy_from_logits(y, logits).label("loss");
  SGD sgd({.learning_rate = 0.1, .momentum = momentum});
  updates = sgd.step(weights, grad(loss, weights));
  updates.push_back({position, (position + batch) % examples});
}

}  // namespace hekla::testing
