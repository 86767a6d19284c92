// The code of docs/custom-training.md, compiled and run; and a comparison with the code on the page.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "hekla.h"
#include "tests/docs/pages.h"
#include "tests/support/devices.h"
#include "tests/train/image_bytes.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

// What is written to std::cout while it lives.
class Captured {
 public:
  Captured() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~Captured() { std::cout.rdbuf(before_); }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

// A table of flowers and four pictures of them.
void write_flowers(const test::TemporaryFolder& folder) {
  const std::string table = "length,width,species\n5.1,3.5,iris\n6.2,2.9,rose\n";
  folder.write("flowers.csv", {reinterpret_cast<const std::uint8_t*>(table.data()), table.size()});
  for (const char* species : {"iris", "rose"}) {
    std::filesystem::create_directories(folder.path() / "pictures" / species);
    for (const char* name : {"1.png", "2.png"})
      folder.write(fmt::format("pictures/{}/{}", species, name), test::png_bytes(2, 2, 1, {1, 2, 3, 4}));
  }
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/custom-training.md: the steps") {
    if (!device()) return;
    set_default_device(device());
    {
      const Captured captured;
      hk::Tensor x = hk::tensor({{1, 2}, {3, 4}});    // i32: a list of integers stays integers
      hk::Tensor y = hk::tensor({{1, 2.5}, {3, 4}});  // f32: one is no integer
      hk::Tensor z = hk::tensor({{1, 2}, {3, 4}}, hk::f32);
      std::cout << y << "\n" << x[0] << "\n" << hk::sum(z, 0) << "\n";
      fmt::print("{:.3}\n", hk::sqrt(z));
      CHECK(captured.text() == "[[1.  2.5]\n [3.  4. ]] f32[2,2]\n[1 2] i32[2]\n[4. 6.] f32[2]\n");
      CHECK(fmt::format("{:.3}", hk::sqrt(z)) == "[[1.    1.414]\n [1.732 2.   ]] f32[2,2]");
    }

    // Points of three classes.
    set_random_seed(1);
    const hk::Tensor inputs = hk::random_normal({320, 4}, hk::random_key(3)).detach();
    const hk::Tensor targets = hk::argmax(hk::slice(inputs, {{}, {.stop = 3}})).detach();
    const hk::Dataset data(inputs, targets);

    hk::Sequential model({hk::Input({4}), hk::Dense(16, hk::tanh), hk::Dense(3)});
    hk::Feed feed(data);
    hk::Batch batch = feed.next(32);
    hk::Tensor loss =
        hk::sparse_categorical_crossentropy_from_logits(batch.targets[0], model(batch.inputs[0]));
    std::vector<hk::Tensor> weights = model.trainable_weights();
    hk::Optimizer optimizer = hk::Adam({.learning_rate = 0.01});
    std::vector<hk::Update> updates = optimizer.step(weights, hk::grad(loss, weights));
    updates.push_back(feed.advance(32));
    hk::Program step = hk::compile({.outputs = {loss}, .updates = updates});

    for (int epoch = 0; epoch < 5; ++epoch) {
      hk::evaluate({.updates = feed.restart(hk::random_key(0, static_cast<std::uint32_t>(epoch)))});
      float last = step.run({}, 10)[0].item();  // ten steps; the loss of the last one
      fmt::print("epoch {}  loss {:.4f}\n", epoch + 1, last);
    }
    const double trained = hk::sparse_categorical_crossentropy_from_logits(targets, model(inputs)).item();
    CHECK(trained < 0.6);  // it begins near log 3, which is 1.1

    model.compile({.optimizer = hk::SGD({.learning_rate = 0.1}),
                   .loss = hk::sparse_categorical_crossentropy_from_logits,
                   .metrics = {hk::accuracy}});
    hk::Logs logs = model.train_on_batch(inputs, targets);
    std::cout << logs << "\n" << model.test_on_batch(inputs, targets) << "\n";
    CHECK(logs["loss"] == doctest::Approx(trained).epsilon(1e-5));

    for (const auto& [x, y, weight] : data.batches(64, {.shuffle = hk::random_key(1)}))
      logs = model.train_on_batch(x[0], y[0]);
    CHECK(logs["loss"] < 1);

    const test::TemporaryFolder temporary;
    const std::filesystem::path& folder = temporary.path();
    write_flowers(temporary);
    hk::CsvDataset table = hk::csv_dataset(folder / "flowers.csv", {.target = "species"});
    fmt::print("{}: {}\n", fmt::join(table.numbers, ", "), fmt::join(table.vocabularies["species"], ", "));
    hk::ImageDirectory pictures = hk::image_dataset_from_directory(
        folder / "pictures", {.image_size = {32, 32}, .validation_split = 0.25, .subset = "training"});
    hk::Dataset augmented = pictures.dataset.map(hk::RandomFlip("horizontal"))
                                .map(hk::RandAugment())
                                .map(hk::Rescaling(1.0 / 255))
                                .map_targets([](const hk::Tensor& y) { return hk::one_hot(y, 2); })
                                .map_batch(hk::MixUp());
    CHECK(table.numbers == std::vector<std::string>{"length", "width"});
    CHECK(table.vocabularies["species"] == std::vector<std::string>{"iris", "rose"});
    CHECK(augmented.size() == 3);
    for (const hk::Batch& each : augmented.batches(3)) CHECK(each.targets[0].shape() == hk::Shape{3, 2});

    const std::vector<float> kernel = model.weights()[0].to_vector();
    model.get_layer("dense").trainable(false);
    model.compile(
        {.loss = hk::sparse_categorical_crossentropy_from_logits});  // as in Keras, it takes effect here
    model.fit(inputs, targets, {.verbose = 0});
    for (const hk::ModelLayer& layer : model.layers()) fmt::print("{}\n", layer);
    CHECK(fmt::format("{}", model.layers()[0]) == "Dense 'dense', 80 parameters, frozen");
    CHECK(fmt::format("{}", model.layers()[1]) == "Dense 'dense_1', 51 parameters");
    CHECK(model.get_layer("dense").weights()[0].to_vector() == kernel);

    model.get_layer("dense").trainable(true);
    std::vector<hk::Tensor> all = model.weights(), adapted;
    hk::Tensor before = hk::sparse_categorical_crossentropy_from_logits(targets, model(inputs));
    std::vector<hk::Tensor> slopes = hk::grad(before, all);
    for (std::size_t i = 0; i < all.size(); ++i) adapted.push_back(all[i] - 0.1 * slopes[i]);
    hk::Tensor after =
        hk::sparse_categorical_crossentropy_from_logits(targets, model(inputs, {.weights = adapted}));
    std::vector<hk::Tensor> of_both_steps = hk::grad(after, all);
    CHECK(after.item() < before.item());
    CHECK(of_both_steps.size() == 4);
    set_default_device(reference());
  }

  TEST_CASE("docs/custom-training.md: the page shows the code that was run") {
    const std::string run = essence(text_of("tests/docs/custom_training_page_test.cpp"));
    const std::vector<std::string> examples = examples_in(text_of("docs/custom-training.md"));
    CHECK(examples.size() == 7);
    for (const std::string& example : examples) {
      CAPTURE(example);
      CHECK(run.find(essence(example)) != std::string::npos);
    }
  }
}

}  // namespace hekla::testing
