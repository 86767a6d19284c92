// See trainer.h; compile_step is the heart of it.
#include "examples/fashion_mnist/trainer.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <vector>

#include "autodiff/grad.h"
#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/loss.h"
#include "train/shuffle.h"

namespace hekla::fashion_mnist {

namespace {

// Large enough to keep a device busy, small enough to need little memory.
constexpr std::int64_t test_batch_size = 1000;

std::array<MetricValue, 2> shown(const Metrics& metrics) {
  return {{{"accuracy", metrics.accuracy}, {"loss", metrics.loss}}};
}

}  // namespace

Trainer::Trainer(const Network& network, const hekla::Optimizer& optimizer, const data::Batches& data,
                 const Settings& settings)
    : network_(network),
      optimizer_(optimizer),
      data_(data),
      settings_(settings),
      learning_rate_(optimizer.learning_rate().item<double>()),
      pass_(data.count(), settings.batch_size, [this](std::int64_t size) { return compile_step(size); }) {}

Program Trainer::compile_step(std::int64_t batch_size) {
  const data::Batch batch = data_.next(batch_size);
  const Tensor logits = network_(batch.images);
  const Tensor loss = sparse_categorical_crossentropy_from_logits(batch.labels, logits);
  const std::vector<Tensor> weights = network_.weights();
  std::vector<Update> updates = optimizer_.step(weights, grad(loss, weights));
  for (const Update& update : metrics_.add(loss, batch.labels, logits)) updates.push_back(update);
  updates.push_back(batch.advance);
  if (settings_.falling > 0) {
    const Tensor rate = optimizer_.learning_rate();
    const double decay = learning_rate_ / static_cast<double>(settings_.falling * pass_.steps());
    updates.push_back({rate, maximum(rate - decay, 0)});
  }
  return compile({.updates = updates});
}

Metrics Trainer::train_epoch(std::int64_t epoch, ProgressBar& bar) {
  data_.restart(data::shuffled_order(data_.count(), settings_.seed, static_cast<std::uint64_t>(epoch)));
  metrics_.reset();
  Metrics metrics;
  pass_.run([&](std::int64_t step, std::int64_t examples) {
    if (bar.due(step) || step == steps_per_epoch()) metrics = read(epoch, step, examples);
    bar.update(step, shown(metrics));
  });
  bar.finish(shown(metrics));
  return metrics;
}

Metrics Trainer::read(std::int64_t epoch, std::int64_t step, std::int64_t examples) const {
  const Metrics metrics = metrics_.read(examples);
  if (!std::isfinite(metrics.loss)) {
    throw Error(
        fmt::format("[train] the loss is {} by step {} of epoch {}; a learning rate below {:g} may keep it "
                    "finite (--learning-rate).",
                    metrics.loss, step, epoch, learning_rate_));
  }
  return metrics;
}

Tester::Tester(const Network& network, const data::Batches& data)
    : network_(network),
      data_(data),
      pass_(data.count(), test_batch_size, [this](std::int64_t size) { return compile_step(size); }) {}

Program Tester::compile_step(std::int64_t batch_size) {
  const data::Batch batch = data_.next(batch_size);
  const Tensor logits = network_(batch.images);
  const Tensor loss = sparse_categorical_crossentropy_from_logits(batch.labels, logits);
  std::vector<Update> updates = metrics_.add(loss, batch.labels, logits);
  updates.push_back(batch.advance);
  return compile({.updates = updates});
}

Metrics Tester::run() {
  data_.restart();
  metrics_.reset();
  pass_.run();
  const Metrics metrics = metrics_.read(data_.count());
  if (!std::isfinite(metrics.loss)) {
    throw Error(
        fmt::format("[test] the loss on the test images is {}; a lower learning rate may keep it finite "
                    "(--learning-rate).",
                    metrics.loss));
  }
  return metrics;
}

}  // namespace hekla::fashion_mnist
