// A convolutional autoencoder: encodes each picture of Fashion-MNIST in 32 numbers and reconstructs it from
// them. It writes test pictures, originals above reconstructions, as a PNG.
//
//   autoencoder [--steps N] [--out FILE]     (default 3000 steps and autoencoder.png;
//   half a minute on two cores)
#include <fmt/format.h>
#include <stb_image_write.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "hekla.h"

namespace {

using hk::Tensor;

constexpr std::int64_t side = 28;
constexpr std::int64_t batch = 32;
constexpr std::int64_t code_size = 32;

// A 3 x 3 kernel with its bias, of a strided convolution that halves the sides or of a transposed one that
// doubles them. `fewer` and `more` are the channels of the larger and of the smaller picture.
struct Kernel {
  Kernel(std::int64_t fewer, std::int64_t more, std::int64_t filters, std::uint32_t seed,
         const std::string& name)
      : taps(hk::variable(hk::glorot_uniform({3, 3, fewer, more}, hk::random_key(seed)), name + "/kernel")),
        bias(hk::variable(hk::zeros({filters}), name + "/bias")) {}
  Tensor halve(const Tensor& x) const { return hk::conv2d(x, taps, options) + bias; }
  Tensor twice(const Tensor& x) const { return hk::conv_transpose2d(x, taps, options) + bias; }

  inline static const hk::ConvOptions options{.strides = {2}, .padding = hk::PaddingMode::same};
  Tensor taps, bias;
};

struct Autoencoder {
  // Images [n, 28, 28] of bytes to [n, 32].
  Tensor encode(const Tensor& images) const {
    const Tensor x = hk::expand_dims(hk::cast(images, hk::f32) / 255, 3);
    return to_code(hk::flatten(hk::relu(down_2.halve(hk::relu(down_1.halve(x))))));
  }
  // [n, 32] to [n, 28 * 28], each between 0 and 1.
  Tensor decode(const Tensor& code) const {
    const Tensor x = hk::reshape(from_code(code), hk::Shape{code.size(0), side / 4, side / 4, 32});
    return hk::flatten(hk::sigmoid(up_2.twice(hk::relu(up_1.twice(x)))));
  }

  Kernel down_1{1, 16, 16, 1, "down_1"}, down_2{16, 32, 32, 2, "down_2"};
  hk::Dense to_code{code_size, {.name = "to_code"}};
  hk::Dense from_code{side / 4 * (side / 4) * 32, hk::relu, {.name = "from_code"}};
  // A transposed convolution reads its kernel's last axis as input channels and the one before it as output
  // channels.
  Kernel up_1{16, 32, 16, 5, "up_1"}, up_2{1, 16, 1, 6, "up_2"};
};

// The mean squared difference between images and their reconstructions.
Tensor error_of(const Autoencoder& model, const Tensor& images) {
  const Tensor wanted = hk::flatten(hk::cast(images, hk::f32) / 255);
  return hk::mean(hk::square(model.decode(model.encode(images)) - wanted));
}

void train(const Autoencoder& model, const hk::Dataset& images, std::int64_t steps) {
  const hk::Feed data(images);
  const Tensor loss = error_of(model, data.next(batch).inputs[0]);
  std::vector<Tensor> weights;
  std::int64_t parameters = 0;
  for (const Kernel* kernel : {&model.down_1, &model.down_2, &model.up_1, &model.up_2}) {
    weights.insert(weights.end(), {kernel->taps, kernel->bias});
  }
  for (const hk::Dense* dense : {&model.to_code, &model.from_code}) {
    for (const Tensor& weight : dense->weights()) weights.push_back(weight);
  }
  for (const Tensor& weight : weights) parameters += weight.count();
  fmt::print("model    {} numbers to {} and back, {} parameters\n", side * side, code_size, parameters);

  // The learning rate decays to 0, so that the weights converge.
  hk::Adam adam({.learning_rate = hk::PolynomialDecay{.initial_learning_rate = 0.003,
                                                      .decay_steps = static_cast<double>(steps),
                                                      .end_learning_rate = 0}});
  std::vector<hk::Update> updates = adam.step(weights, hk::grad(loss, weights));
  updates.push_back(data.advance(batch));
  hk::Program step = hk::compile({.outputs = {loss}, .updates = updates});

  const std::int64_t steps_per_epoch = data.count() / batch;
  const std::int64_t report = std::max<std::int64_t>(steps / 10, 1);
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t done = 0; done < steps;) {
    const std::int64_t place = done % steps_per_epoch;
    if (place == 0) {
      const auto epoch = static_cast<std::uint32_t>(done / steps_per_epoch);
      hk::evaluate({.updates = data.restart(hk::random_key(42, epoch))});
    }
    const std::int64_t together = std::min({report - done % report, steps - done, steps_per_epoch - place});
    const double now = step.run(static_cast<int>(together))[0].item<double>();
    done += together;
    if (done % report != 0 && done != steps) continue;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    fmt::print("step {:5}  squared error {:.4f}  {:5.1f} s\n", done, now, seconds.count());
    std::fflush(stdout);
  }
}

// Rows of `columns` originals above their reconstructions; every pixel is `zoom` pixels wide.
void write_pictures(const Autoencoder& model, const hk::Dataset& images, const std::string& file) {
  constexpr std::int64_t columns = 12, pairs = 3, zoom = 2, cell = side + 2;
  const Tensor originals = hk::slice(images.inputs()[0], {{0, columns * pairs}});
  const Tensor drawn = model.decode(model.encode(originals));
  const std::vector<float> rows[] = {(hk::cast(originals, hk::f32) / 255).to_vector(), drawn.to_vector()};
  const std::int64_t width = columns * cell * zoom, height = 2 * pairs * cell * zoom;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height), 255);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t row = y / zoom / cell, column = x / zoom / cell;
      const std::int64_t down = y / zoom % cell, across = x / zoom % cell;
      if (down >= side || across >= side) continue;
      const std::int64_t place = ((row / 2 * columns + column) * side + down) * side + across;
      pixels[static_cast<std::size_t>(y * width + x)] =
          static_cast<std::uint8_t>(255 * rows[row % 2][static_cast<std::size_t>(place)] + 0.5f);
    }
  }
  if (stbi_write_png(file.c_str(), static_cast<int>(width), static_cast<int>(height), 1, pixels.data(),
                     static_cast<int>(width)) == 0) {
    throw hk::Error(
        fmt::format("[autoencoder] {} could not be written; choose another place with --out.", file));
  }
  fmt::print("written  {}: {} test pictures, originals above reconstructions\n", file, columns * pairs);
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("An autoencoder squeezes pictures into 32 numbers and draws them again.", "autoencoder");
  std::int64_t steps = 3000;
  std::string file = "autoencoder.png";
  app.add_option("--steps", steps, "Steps of training")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  // Checked before the training, whose result would otherwise be lost.
  const auto in_a_folder = [](const std::string& path) -> std::string {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    return std::filesystem::is_directory(folder) ? "" : folder.string() + " is not a folder";
  };
  app.add_option("--out", file, "The PNG to write")->capture_default_str()->check(in_a_folder);
  CLI11_PARSE(app, argc, argv);
  fmt::print("device   {}\n", hk::default_device()->name());
  const auto [training, test] = hk::data::fashion_mnist();
  const Autoencoder model;
  train(model, training, steps);
  write_pictures(model, test, file);
} catch (const std::exception& error) {
  fmt::print(stderr, "autoencoder: {}\n", error.what());
  return 1;
}
