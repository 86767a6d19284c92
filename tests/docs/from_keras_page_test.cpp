// The code of docs/from-keras.md, compiled and run on a small part of the data; and a comparison with the
// code on the page.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hekla.h"
#include "tests/docs/pages.h"
#include "tests/support/devices.h"
#include "tests/train/working_folder.h"

namespace hekla::testing {

namespace {

// Trains on a few images; only their number differs from the page.
Dataset few(const Dataset& data) { return data.take(320); }

struct Residual {
  explicit Residual(std::int64_t units) : dense(units, hk::relu) {}
  hk::Tensor operator()(const hk::Tensor& x, const hk::Mode& mode) const { return x + dense(x, mode); }
  hk::Dense dense;
};

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/from-keras.md: the steps") {
    if (!device()) return;
    set_default_device(device());
    const test::WorkingFolder here;
    auto [train, test] = hk::data::fashion_mnist();
    hk::Tensor images = train.inputs()[0], labels = train.targets()[0];
    fmt::print("{} {}\n", hk::describe(images),
               hk::describe(labels));  // images u8[60000,28,28] labels u8[60000]

    std::vector<int> counts = hk::sum(hk::one_hot(labels, 10), {0}).to_vector<int>();
    for (std::size_t i = 0; i < counts.size(); ++i)
      fmt::print("{:12} {}\n", hk::data::fashion_mnist_classes[i], counts[i]);
    CHECK(counts == std::vector<int>(10, 6000));

    {
      hk::Dataset scaled =
          hk::Dataset(images, labels).map(hk::Rescaling(1.0 / 255)).map(hk::Reshape({28 * 28}));

      auto split =
          hk::data::train_test_split(scaled.size(), 0.2, 42);  // the same examples that scikit-learn picks
      hk::Dataset training = scaled.pick(split.train), validation = scaled.pick(split.test);
      CHECK(training.size() == 48000);
      training = few(training);
      validation = few(validation);

      hk::Sequential model({hk::Input({784}), hk::Dense(10, "softmax")});
      model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
      model.fit(training, {.epochs = 5});
      model.evaluate(validation);
      CHECK(model.evaluate(training, {.verbose = 0})["accuracy"] > 0.5);
    }

    hk::Sequential deep({hk::Input({784}), hk::Dense(100, hk::sigmoid, {.name = "hidden"}),
                         hk::Dense(10, hk::softmax, {.name = "output"})},
                        {.name = "패션 MNIST 모델"});
    fmt::print("{}", deep.summary());
    CHECK(text_of("docs/from-keras.md").find(deep.summary()) != std::string::npos);

    hk::Sequential growing;
    growing.add(hk::Dense(100, "sigmoid"));
    growing.add(hk::Dense(10, "softmax"));
    growing.build({784});
    CHECK(growing.count_params() == 79510);

    hk::Sequential relu_model({hk::Flatten(), hk::Dense(100, hk::relu), hk::Dense(10, hk::softmax)});
    const Dataset all = train;
    train = train.take(400);

    hk::Optimizer by_name = "sgd";
    hk::Optimizer sgd = hk::SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
    hk::Optimizer adagrad = hk::Adagrad();
    hk::Optimizer rmsprop = hk::RMSprop();
    relu_model.compile(
        {.optimizer = hk::Adam(), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    auto [parts, held_out] = hk::data::train_test_split(train.size(), 0.2, 42);
    hk::History history =
        relu_model.fit(train.pick(parts), {.epochs = 5, .validation_data = train.pick(held_out)});
    CHECK(history["loss"].back() < history["loss"].front());

    for (std::size_t epoch = 0; epoch < history.epoch.size(); ++epoch)
      fmt::print("{} {:.4f} {:.4f}\n", epoch, history["loss"][epoch], history["val_loss"][epoch]);

    hk::Sequential dropout_model(
        {hk::Flatten(), hk::Dense(100, hk::relu), hk::Dropout(0.3), hk::Dense(10, hk::softmax)});
    dropout_model.compile(
        {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    hk::ModelCheckpoint checkpoint("best-model.safetensors", {.save_best_only = true});
    hk::EarlyStopping early_stopping({.patience = 2, .restore_best_weights = true});
    dropout_model.fit(
        train.pick(parts),
        {.epochs = 20, .callbacks = {checkpoint, early_stopping}, .validation_data = train.pick(held_out)});
    fmt::print("{}\n", early_stopping.stopped_epoch());
    CHECK(std::filesystem::exists("best-model.safetensors"));

    dropout_model.save_weights("model.safetensors");  // Python's safetensors library reads it
    dropout_model.load_weights("model.safetensors");
    dropout_model.save("training.safetensors");  // with what the optimizer keeps, steps, epochs and seed
    dropout_model.load("training.safetensors");
    dropout_model.fit(train.pick(parts), {.epochs = dropout_model.epochs_trained() + 1,
                                          .initial_epoch = dropout_model.epochs_trained()});

    hk::Dataset unseen = train.pick(held_out);
    hk::Tensor predicted = hk::argmax(dropout_model.predict(unseen));
    hk::Tensor wanted = hk::gather(labels, hk::tensor(*unseen.picked()));
    fmt::print("{:.4f}\n", hk::mean(hk::cast(predicted == hk::cast(wanted, hk::i32), hk::f32)).item());
    CHECK(hk::mean(hk::cast(predicted == hk::cast(wanted, hk::i32), hk::f32)).item() ==
          doctest::Approx(dropout_model.evaluate(unseen, {.verbose = 0})["accuracy"]));

    hk::Sequential cnn({hk::Input({28, 28}), hk::Reshape({28, 28, 1}),
                        hk::Conv2D(32, 3, hk::relu, {.padding = "same"}), hk::MaxPooling2D(2),
                        hk::Conv2D(64, 3, hk::relu, {.padding = "same"}), hk::MaxPooling2D(2), hk::Flatten(),
                        hk::Dense(100, hk::relu), hk::Dropout(0.4), hk::Dense(10, hk::softmax)});
    cnn.plot("model.dot");                              // dot -Tsvg model.dot -o model.svg
    fmt::print("{} parameters\n", cnn.count_params());  // 333526
    CHECK(cnn.count_params() == 333526);
    CHECK(std::filesystem::exists("model.dot"));

    hk::Sequential residual({hk::Flatten(), hk::Dense(32), Residual(32), Residual(32), hk::Dense(10)});
    residual.compile({.optimizer = "adam", .loss = hk::sparse_categorical_crossentropy_from_logits});
    residual.build({28, 28});
    CHECK(residual.trainable_weights().size() == 8);
    set_default_device(reference());
  }

  TEST_CASE("docs/from-keras.md: the page shows the code that was run") {
    const std::string run = essence(text_of("tests/docs/from_keras_page_test.cpp"));
    const std::vector<std::string> examples = examples_in(text_of("docs/from-keras.md"));
    CHECK(examples.size() == 16);
    for (const std::string& example : examples) {
      CAPTURE(example);
      CHECK(run.find(essence(example)) != std::string::npos);
    }
  }
}

}  // namespace hekla::testing
