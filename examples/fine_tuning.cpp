// Fine-tuning: a network comes in as ONNX, its last layer is replaced, and it learns another task. The network is one that
// knows the first five classes of Fashion-MNIST; it learns all ten from a tenth of the images, and is written as ONNX again,
// for onnxruntime and others.
//
//   fine_tuning [--take N] [--model FILE --features NAME] [--out FOLDER]
//               (default 6,000 images, a network made here first, and the folder `tuned`)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "hekla.h"

namespace {

hk::CompileOptions classify(double learning_rate) {
  return {.optimizer = hk::Adam({.learning_rate = learning_rate}),
          .loss = hk::sparse_categorical_crossentropy_from_logits,
          .metrics = {hk::accuracy}};
}

// What somebody else may have trained, in any framework.
void make_network(const hk::Dataset& train, const std::filesystem::path& path) {
  hk::Sequential model({hk::Reshape({28, 28, 1}), hk::Conv2D(16, 3, "relu"), hk::MaxPooling2D(2),
                        hk::Conv2D(32, 3, "relu"), hk::MaxPooling2D(2), hk::Flatten(),
                        hk::Dense(64, "relu", {.name = "features"}), hk::Dense(5)});
  model.compile(classify(1e-3));
  // Images of the other classes do not count.
  const auto only_five = [](const hk::Batch& batch, const hk::Mode&) {
    const hk::Tensor labels = hk::cast(batch.targets[0], hk::i32);
    return hk::Batch{.inputs = batch.inputs,
                     .targets = {hk::where(labels < 5, labels, 0)},
                     .sample_weight = hk::cast(labels < 5, hk::f32)};
  };
  model.fit(train.map_batch(only_five), {.batch_size = 64, .epochs = 2, .verbose = 2});
  hk::onnx::save(model, path);
}

}  // namespace

int main(int argc, char** argv) try {
  std::int64_t take = 6'000;
  std::filesystem::path file, folder = "tuned";
  std::string features = "features/Relu";
  CLI::App app("Fine-tunes a network that is read from ONNX.");
  app.add_option("--take", take, "Images to learn from")
      ->check(CLI::Range(100, 60'000))
      ->capture_default_str();
  app.add_option("--model", file, "An ONNX file that takes images [n, 28, 28]")->check(CLI::ExistingFile);
  app.add_option("--features", features, "The value that enters its last layer")->capture_default_str();
  app.add_option("--out", folder, "Where to write")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::filesystem::create_directories(folder);
  hk::set_random_seed(1);
  const auto [all, test] = hk::data::fashion_mnist();
  const hk::Dataset train = all.take(take);
  if (file.empty()) make_network(train, file = folder / "five_classes.onnx");

  // Everything up to the last layer, with its weights.
  const hk::onnx::Function base = hk::onnx::load(file, {.name = "base", .outputs = {features}});
  fmt::print("{}: {} weights up to '{}'\n", file.filename().string(), base.weights().size(), features);
  hk::Sequential model({base, hk::Dense(10, {.name = "ten_classes"})});
  model.build({28, 28});

  // The new layer learns first; then the whole network does, in smaller steps.
  model.get_layer("base").trainable(false);
  model.compile(classify(1e-3));
  model.fit(train, {.batch_size = 64, .epochs = 2, .verbose = 2});
  model.get_layer("base").trainable(true);
  model.compile(classify(3e-4));
  model.fit(train, {.batch_size = 64, .epochs = 2, .verbose = 2});

  const std::filesystem::path tuned = folder / "ten_classes.onnx";
  hk::onnx::save(model, tuned);
  const double accuracy = model.evaluate(test, {.verbose = 0})["accuracy"];
  hk::Model again(hk::onnx::load(tuned));
  again.compile(classify(1e-3));
  fmt::print("accuracy {:.4f}, of the file that was written {:.4f}\n", accuracy,
             again.evaluate(test, {.verbose = 0})["accuracy"]);
} catch (const hk::Error& error) {
  fmt::print(stderr, "fine_tuning: {}\n", error.what());
  return 1;
}
