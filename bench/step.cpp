// The time of one training step as the Fashion-MNIST trainer does it: batches of 32 gathered from 60,000
// images on the device, forward, backward, SGD, running metrics; many steps per run.
//   cmake --preset release && cmake --build build/release --target bench_step &&
//   build/release/bench/bench_step
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "hekla.h"
#include "train/batches.h"
#include "train/running_metrics.h"

namespace {

using namespace hekla;

data::LabeledImages noise(std::int64_t count) {
  data::LabeledImages data{.images = std::vector<std::uint8_t>(static_cast<std::size_t>(count * 28 * 28)),
                           .labels = std::vector<std::uint8_t>(static_cast<std::size_t>(count)),
                           .count = count,
                           .height = 28,
                           .width = 28};
  std::mt19937 bits(1);
  for (auto& pixel : data.images) pixel = static_cast<std::uint8_t>(bits());
  for (auto& label : data.labels) label = static_cast<std::uint8_t>(bits() % 10);
  return data;
}

double step_seconds(const data::LabeledImages& data, const std::vector<Dense>& layers) {
  const data::Batches batches(data);
  const data::Batch batch = batches.next(32);
  Tensor logits = batch.images;
  std::vector<Tensor> weights;
  for (const Dense& layer : layers) {
    logits = layer(logits);
    weights.insert(weights.end(), {layer.kernel, layer.bias});
  }
  const Tensor loss = sparse_categorical_crossentropy_from_logits(batch.labels, logits);
  std::vector<Update> updates = Sgd({.learning_rate = 1e-3}).step(weights, grad(loss, weights));
  const RunningMetrics metrics;
  for (const Update& update : metrics.add(loss, batch.labels, logits)) updates.push_back(update);
  // Round and round through the data: benchmarks run for more steps than an epoch has.
  const auto [position, next] = batch.advance;
  updates.push_back({position, where(next > static_cast<std::int32_t>(data.count - 32), 0, next)});
  Program step = compile({.updates = updates});
  return bench::best_step_seconds([&](int steps) {
    step.run(steps);
    position.item();
  });
}

}  // namespace

int main() try {
  const data::LabeledImages data = noise(60000);
  const RandomKey key = random_key(1);
  fmt::print("{}\n\n{:<44}{:>10}\n", default_device()->name(), "training step", "best");
  const auto report = [&](const std::string& name, const std::vector<Dense>& layers) {
    fmt::print("{:<44}{:>7.3f} ms\n", name, step_seconds(data, layers) * 1e3);
  };
  report("mlp 784-100-10 relu, batch 32, sgd", {Dense(784, 100, key, relu), Dense(100, 10, key)});
  report("softmax regression 784-10, batch 32, sgd", {Dense(784, 10, key)});
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_step: {}\n", error.what());
  return 1;
}
