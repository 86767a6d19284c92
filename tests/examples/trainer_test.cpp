// The trainer as a library, on a small made-up data set: it learns, repeats itself to the last bit, and stops
// when the loss does.
#include "examples/fashion_mnist/trainer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using namespace hekla::fashion_mnist;

constexpr std::int64_t side = 6;

// Images of noise with a bright row for their label; 70 of them leave a last batch of 6.
data::LabeledImages made_up_images() {
  data::LabeledImages data{.count = 70, .height = side, .width = side};
  std::uint32_t noise = 1;
  for (std::int64_t i = 0; i < data.count; ++i) {
    const std::int64_t label = i * 5 % side;
    data.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::int64_t pixel = 0; pixel < side * side; ++pixel) {
      noise = noise * 1664525 + 1013904223;
      data.images.push_back(static_cast<std::uint8_t>((noise >> 25) + (pixel / side == label ? 100 : 0)));
    }
  }
  return data;
}

// Makes a device the default one for the length of a test.
struct DefaultDevice {
  std::shared_ptr<Evaluator> before = reference();
  explicit DefaultDevice(std::shared_ptr<Evaluator> device) { set_default_device(std::move(device)); }
  ~DefaultDevice() { set_default_device(before); }
};

struct Outcome {
  std::vector<double> history;  // loss and accuracy of each epoch, then of the test
  std::vector<float> weights;
  double learning_rate;
};

Outcome train(const Options& options, const hekla::Optimizer& optimizer, std::int64_t falling = 0) {
  const data::Batches batches(made_up_images());
  const Network network = build_network(options, batches.features(), side);
  Trainer trainer(network, optimizer, batches,
                  {.batch_size = options.batch_size, .seed = options.seed, .falling = falling});
  Outcome outcome;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    ProgressBar bar("", trainer.steps_per_epoch(), {.print = [](auto) {}, .seconds = [] { return 0.0; }});
    const Metrics metrics = trainer.train_epoch(epoch, bar);
    outcome.history.insert(outcome.history.end(), {metrics.loss, metrics.accuracy});
  }
  const Metrics metrics = Tester(network, batches).run();
  outcome.history.insert(outcome.history.end(), {metrics.loss, metrics.accuracy});
  outcome.weights = network.layers.front().kernel.to_vector();
  outcome.learning_rate = optimizer.learning_rate().item<double>();
  return outcome;
}

Options options_for(Model model, std::int64_t epochs) {
  return {.model = model, .hidden = 20, .epochs = epochs, .batch_size = 16};
}

}  // namespace

TEST_SUITE("trainer") {
  TEST_CASE("trainer: the same seed gives the same losses and weights to the last bit, another seed others") {
    for (const auto& chosen : {reference(), device()}) {
      if (!chosen) continue;
      const DefaultDevice scope(chosen);
      for (const Model model : {Model::softmax, Model::mlp}) {
        Options options = options_for(model, 3);
        const SgdOptions momentum{.learning_rate = 0.05, .momentum = 0.9, .nesterov = true};
        const Outcome first = train(options, SGD(momentum));
        const Outcome second = train(options, SGD(momentum));
        CHECK(first.history == second.history);
        CHECK(first.weights == second.weights);
        ++options.seed;
        CHECK(train(options, SGD(momentum)).history != first.history);
      }
    }
  }

  TEST_CASE("trainer: it learns, and the device follows the reference") {
    std::vector<Outcome> outcomes;
    for (const auto& chosen : {reference(), device()}) {
      if (!chosen) continue;
      const DefaultDevice scope(chosen);
      outcomes.push_back(train(options_for(Model::mlp, 20), SGD({.learning_rate = 0.5})));
      CHECK(outcomes.back().history.back() > 0.95);
    }
    for (std::size_t i = 0; i < outcomes.front().history.size(); i += 2)
      CHECK(outcomes.front().history[i] == doctest::Approx(outcomes.back().history[i]).epsilon(0.02));
  }

  TEST_CASE("trainer: the last, smaller batch counts for what it holds") {
    const DefaultDevice scope(reference());
    // At a rate of 0 nothing changes, so training and testing must see the same.
    const Outcome outcome = train(options_for(Model::mlp, 1), SGD({.learning_rate = 0}));
    CHECK(outcome.history[0] == doctest::Approx(outcome.history[2]).epsilon(1e-9));
    CHECK(outcome.history[1] == outcome.history[3]);
  }

  TEST_CASE("trainer: the learning rate falls to 0 over the epochs it is given") {
    const DefaultDevice scope(reference());
    const Options options = options_for(Model::softmax, 2);
    CHECK(train(options, SGD({.learning_rate = 0.1}), 0).learning_rate == doctest::Approx(0.1));
    CHECK(train(options, SGD({.learning_rate = 0.1}), 4).learning_rate == doctest::Approx(0.05));
    const double last = train(options, SGD({.learning_rate = 0.1}), 2).learning_rate;
    CHECK(last >= 0);
    CHECK(last < 1e-6);
  }

  TEST_CASE("trainer: a loss that is not finite stops the training") {
    for (const auto& chosen : {reference(), device()}) {
      if (!chosen) continue;
      const DefaultDevice scope(chosen);
      // What overflows double precision is no f32 to begin with.
      const double rate = chosen == reference() ? 1e100 : 1e30;
      const std::string error =
          error_of([&] { train(options_for(Model::mlp, 2), SGD({.learning_rate = rate})); });
      CAPTURE(error);
      CHECK(error.find("[train] the loss is ") == 0);
      CHECK(error.find(" of epoch 1; a learning rate below 1e+") != std::string::npos);
      CHECK(error.find(" may keep it finite (--learning-rate).") != std::string::npos);
    }
  }
}

}  // namespace hekla::testing
