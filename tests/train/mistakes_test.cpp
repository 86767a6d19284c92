// Mistakes in a model, a loss or the data that would silently train something else than intended.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/callbacks/callbacks.h"
#include "train/layers/layers.h"
#include "train/metrics/metrics.h"
#include "train/model/model.h"

namespace hekla::testing {

namespace {

const char* const crossentropy = "sparse_categorical_crossentropy_from_logits";

Tensor scattered(const Shape& shape) {
  return sin(cast(reshape(arange(shape.count()), shape), f32) * 1.7).detach();
}

Tensor whole(const std::vector<std::int32_t>& labels) { return tensor(labels); }

// The error of one epoch over 8 examples of 3 numbers.
std::string fitting(const Layer& function, const CompileOptions& options, const Tensor& targets,
                    FitOptions fit = {}) {
  return error_of([&] {
    set_random_seed(1);
    Model model(function);
    model.compile(options);
    fit.verbose = 0;
    model.fit(scattered({8, 3}), targets, fit);
  });
}

// A normalization followed by a layer; the mode is passed to the normalization or not.
struct Normalized {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    return out(hands_on ? norm(x, mode) : norm(x), mode);
  }
  BatchNormalization norm{{.name = "bn"}};
  Dense out{3};
  bool hands_on = true;
};

std::string without_mode(const char* layer) {
  return std::string("[") + layer +
         "] is called inside a model without the model's mode, so it cannot know whether it is trained; hand "
         "the mode on, as in layer(x, mode), or hk::Mode::inference() where training does not concern it.";
}

}  // namespace

TEST_SUITE("mistakes") {
  TEST_CASE("mistakes: a layer that is not handed the mode") {
    reference();
    const Tensor labels = whole({0, 1, 2, 0, 1, 2, 0, 1});
    const CompileOptions options{.loss = crossentropy};
    Normalized forgetful;
    forgetful.hands_on = false;
    CHECK(fitting(forgetful, options, labels) == without_mode("bn"));
    const Dense dense(3);
    CHECK(fitting([=](const Tensor& x) { return dense(x); }, options, labels) == without_mode("dense"));
    const Dropout dropout(0.5);
    CHECK(fitting([=](const Tensor& x, const Mode& mode) { return dense(dropout(x), mode); }, options,
                  labels) == without_mode("dropout"));
    const Model inner([=](const Tensor& x, const Mode& mode) { return dense(x, mode); }, {.name = "inner"});
    CHECK(fitting([=](const Tensor& x) { return inner(x); }, options, labels) == without_mode("inner"));
    // A user's function with `{}` as the default of its mode.
    const auto noisy = [](const Tensor& x, const Mode& mode) {
      return mode.is_training() ? x * random_uniform(x.shape(), mode.next_key()) : x;
    };
    CHECK(
        fitting([=](const Tensor& x, const Mode& mode) { return dense(noisy(x, {}), mode); }, options, labels)
            .starts_with("[mode] a function is called inside a model without the model's mode"));
    // The mode must be passed in a data set's map, too.
    Sequential model({Dense(3)});
    model.compile(options);
    const RandomFlip flip("horizontal");
    const Dataset images(scattered({8, 2, 2, 1}), labels);
    CHECK(error_of([&] {
            model.fit(images.map([=](const Tensor& x) { return flip(x); }).map(Flatten()), {.verbose = 0});
          }) == without_mode("random_flip"));
  }

  TEST_CASE("mistakes: what needs no mode, and what is told that training does not concern it") {
    reference();
    Model model(Normalized{});
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
    const BatchNormalization kept({.name = "teacher"});
    kept(scattered({8, 3}));
    const Model student([=, out = Dense(3)](const Tensor& x, const Mode& mode) {
      return out(Flatten()(x), mode) + stop_gradient(kept(x, Mode::inference()));
    });
    Model trained = student;
    trained.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
    const std::vector<double> before = kept.weights()[2].to_vector<double>();
    trained.fit(scattered({8, 3}), ones({8, 3}), {.verbose = 0});
    CHECK(trained.trainable_weights().size() == 2);
    CHECK(kept.weights()[2].to_vector<double>() == before);
    model.fit(scattered({8, 3}), ones({8, 3}), {.verbose = 0});
    CHECK(model.trainable_weights().size() == 4);
    CHECK(model.weights().size() == 6);
  }

  TEST_CASE("mistakes: a layer, or a variable, made in the call of a model") {
    reference();
    const CompileOptions options{.loss = "mse"};
    const std::string rule =
        " anew at each call, so that no training would keep it; make its layers and variables once, outside "
        "of the function, as members or captured.";
    CHECK(fitting([](const Tensor& x, const Mode& mode) { return Dense(3)(x, mode); }, options,
                  ones({8, 3})) == "[model] 'model' makes 'dense/kernel'" + rule);
    CHECK(fitting([](const Tensor& x) { return x * variable(ones({3}), "scale"); }, options, ones({8, 3})) ==
          "[model] 'model' makes 'scale'" + rule);
    const Dense kept(3);
    const auto only_in = [&](bool training, const Layer& extra) {
      return [=](const Tensor& x, const Mode& mode) {
        const Tensor y = kept(x, mode);
        return mode.is_training() == training ? extra(y, mode) : y;
      };
    };
    const Layer made = [](const Tensor& x, const Mode& mode) { return Dense(3)(x, mode); };
    for (const bool training : {true, false}) {
      CHECK(fitting(only_in(training, made), options, ones({8, 3})) ==
            "[model] 'model' makes 'dense_1/kernel'" + rule);
      Model model(only_in(training, Dense(3)));
      model.build({3});
      CHECK(model.weights().size() == 4);
    }
  }

  TEST_CASE("mistakes: one layer at two places of a sequence") {
    reference();
    const Dense dense(3);
    Sequential model({dense, Activation("relu"), dense});
    CHECK(
        error_of([&] { model.build({3}); }) ==
        "[sequential] layers 0 and 2 are one layer: both use 'dense/kernel', as copies of a layer share its "
        "weights. Make a layer for each place; to share them, write a hk::Model of a function.");
    Model shared([=](const Tensor& x, const Mode& mode) { return dense(relu(dense(x, mode)), mode); });
    shared.build({3});
    CHECK(shared.weights().size() == 2);
    const Dropout dropout(0.5);
    Sequential without_weights({dense, dropout, Dense(3), dropout});
    without_weights.build({3});
    CHECK(without_weights.weights().size() == 4);
  }

  TEST_CASE("mistakes: a model that could not be built is built with the right shape") {
    reference();
    Sequential model({Dense(4), Reshape({2, 2}), Dense(1), Reshape({3})});
    CHECK(error_of([&] { model.build({5}); }).starts_with("[reshape"));
    CHECK(!model.is_built());
    Sequential late({Dense(4), [](const Tensor& x) {
                       if (x.size(0) != 7) throw std::runtime_error("not yet");
                       return x;
                     }});
    CHECK_THROWS_AS(late.build({5}), std::runtime_error);
    late.compile({.loss = "mse"});
    late.fit(ones({7, 3}), ones({7, 4}), {.verbose = 0});
    CHECK(late.weights()[0].shape() == Shape{3, 4});
  }

  TEST_CASE("mistakes: the batch of a model that is being built is told as such") {
    reference();
    Sequential model({Dense(4)});
    CHECK(
        error_of([&] { model.build({}); }) ==
        "[dense] takes [batch, .., features], not input f32[2]. (The model is being built: 2 stands for the "
        "examples of a batch.)");
    model.compile({.loss = "mse"});
    CHECK(error_of([&] { model.fit(ones({8}), ones({8}), {.batch_size = 4}); }) ==
          "[dense] takes [batch, .., features], not input f32[4].");
  }

  TEST_CASE("mistakes: values asked for while a model or a loss is compiled") {
    reference();
    const std::string rule =
        " has no value: it stands for what a program is fed with, such as a model's batch; feed it to the "
        "compiled program, and inside of models and losses use operations instead of values.";
    CHECK(fitting([](const Tensor& x) { return x * x.to_vector()[0]; }, {.loss = "mse"}, ones({8, 3})) ==
          "[input] input f32[8,3]" + rule);
    const Loss on_host = [](const Tensor&, const Tensor& predictions) {
      return constant(predictions.to_vector<double>()[0]);
    };
    CHECK(fitting(Dense(3), {.loss = on_host}, ones({8, 3})) == "[input] f32[8,3]" + rule);
    const Metric metric =
        mean_metric("first", [](const Tensor&, const Tensor& p) { return constant(p.to_vector()[0]); });
    CHECK(fitting(Dense(3), {.loss = "mse", .metrics = {metric}}, ones({8, 3})) ==
          "[input] f32[8,3]" + rule + " (metric 'first')");
    const Loss apart = [](const Tensor& targets, const Tensor&) { return mean(targets); };
    CHECK(fitting(Dense(3), {.loss = apart}, ones({8, 3})) ==
          "[fit] the loss depends on no weight of the model, so that nothing would be learned; it must be "
          "computed from the predictions, by operations and not by values (to_vector, item, detach).");
  }

  TEST_CASE("mistakes: a variable made in a loss or a metric") {
    reference();
    const Loss loss = [](const Tensor& targets, const Tensor& predictions) {
      return mean(square(targets - predictions)) * variable(ones({}), "w");
    };
    CHECK(fitting(Dense(3), {.loss = loss}, ones({8, 3})) ==
          "[loss] the function makes the variable 'w' anew at each call; make it once, outside of it.");
    const Tensor w = variable(ones({}), "w");
    const Loss captured = [=](const Tensor& targets, const Tensor& predictions) {
      return mean(square(targets - predictions)) * w;
    };
    Sequential model({Dense(3)});
    model.compile({.loss = captured});
    model.fit(scattered({8, 3}), ones({8, 3}), {.verbose = 0});
    const Metric metric = mean_metric(
        "m", [](const Tensor&, const Tensor& predictions) { return predictions * variable(ones({3})); });
    CHECK(fitting(Dense(3), {.loss = "mse", .metrics = {metric}}, ones({8, 3})) ==
          "[metric] the function makes a variable anew at each call; make it once, outside of it.");
  }

  TEST_CASE("mistakes: a loss that is neither a number nor one for each example") {
    reference();
    const Loss loss = [](const Tensor&, const Tensor& p) { return sum(square(p), {0}); };
    const auto told = [&](std::int64_t batch, std::int64_t classes) {
      return error_of([&] { loss(zeros({batch}, i32), ones({batch, classes})); });
    };
    CHECK(told(32, 10) ==
          "[loss] the function gives f32[10] for predictions f32[32,10]; it gives one f32 number, or one for "
          "each example, [batch, ..].");
    // The number of classes equals that of examples.
    CHECK(told(10, 10) ==
          "[loss] the function gives f32[10] for predictions f32[9,10]; it gives one f32 number, or one for "
          "each example, [batch, ..].");
    const Loss of_integers = [](const Tensor& t, const Tensor&) { return t; };
    CHECK(error_of([&] {
            of_integers(zeros({4}, i32), ones({4, 2}));
          }).starts_with("[loss] the function gives i32[4] for predictions f32[4,2]"));
    const Loss right = [](const Tensor&, const Tensor& p) { return sum(square(p), {1}); };
    CHECK(right(zeros({10}), 2 * ones({10, 10})).item() == 40);
    CHECK(right(zeros({4}), 2 * ones({4, 10}), tensor({1.0, 0, 0, 0})).item() == 10);
  }

  TEST_CASE("mistakes: labels that name no class, in tensors and from a generator") {
    reference();
    const Tensor x = scattered({60, 3});
    std::vector<std::int32_t> from_one(60);
    for (std::size_t i = 0; i < 60; ++i) from_one[i] = static_cast<std::int32_t>(i % 3) + 1;
    const auto told = [&](const Dataset& data, const FitOptions& fit = {.verbose = 0}) {
      Sequential model({Dense(3)});
      model.compile({.optimizer = "sgd", .loss = crossentropy});
      return error_of([&] { model.fit(data, fit); });
    };
    CHECK(told({x, tensor(from_one)}) ==
          "[fit] the label of example 2 is 3, but the model tells 3 classes apart; labels are whole numbers "
          "from 0 to 2; those that begin with 1 are to be lowered by 1.");
    std::vector<double> labels(60, 2);
    labels[41] = -1;
    const std::string negative =
        "[fit] the label of example 41 is -1, but the model tells 3 classes apart; labels are whole numbers "
        "from 0 to 2.";
    const Dataset wrong(x, cast(tensor(labels, {60, 1}), i32));
    CHECK(told(wrong) == negative);
    CHECK(told(wrong, {.verbose = 0, .validation_split = 0.5}) == negative);
    Sequential model({Dense(3)});
    model.compile({.optimizer = "sgd", .loss = hekla::sparse_categorical_crossentropy_from_logits});
    model.fit(wrong.take(40), {.verbose = 0});
    CHECK(error_of([&] {
            model.evaluate(wrong, {.verbose = 0});
          }).starts_with("[evaluate] the label of example 41"));
    labels[41] = 0.5;
    CHECK(told({x, tensor(labels)}) ==
          "[fit] the label of example 41 is 0.5, but the model tells 3 classes apart; labels are whole "
          "numbers from 0 to 2.");
    labels[41] = std::numeric_limits<double>::quiet_NaN();
    CHECK(told({x, tensor(labels)}).starts_with("[fit] the label of example 41 is nan"));
    // Batches of 20; the second has a label too large.
    const Dataset generated = Dataset::from_generator([=] {
      return [=, i = 0]() mutable -> std::optional<Batch> {
        if (i == 3) return std::nullopt;
        std::vector<std::int32_t> some(20, 1);
        if (i++ == 1) some[7] = 3;
        return Batch{{slice(x, {{0, 20}}).detach()}, {tensor(some)}, {}};
      };
    });
    CHECK(told(generated).starts_with("[fit] the label of example 27 is 3, but the model tells 3 classes"));
    // Labels for the pixels of an image.
    std::vector<std::int32_t> pixels(2 * 4, 0);
    pixels[5] = 7;
    Sequential segmenter({Dense(3)});
    segmenter.compile({.loss = crossentropy});
    CHECK(error_of([&] {
            segmenter.fit(ones({2, 2, 2, 1}), tensor(pixels, {2, 2, 2}), {.verbose = 0});
          }).starts_with("[fit] the label of example 1 is 7"));
    Sequential one({Dense(1)});
    one.compile({.loss = crossentropy});
    CHECK(error_of([&] { one.fit(x, tensor(from_one), {.verbose = 0}); }) ==
          "[fit] the label of example 0 is 1, but the model tells 1 class apart; a sparse loss takes a score "
          "for each class; one output for two classes goes with binary_crossentropy.");
  }

  TEST_CASE("mistakes: labels that are whole are taken in any dtype") {
    const std::vector<double> labels{0, 1, 2, 1, 0, 2, 2, 1};
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const auto trained = [&](const Tensor& targets) {
        set_random_seed(4);
        Sequential model({Dense(3)});
        model.compile({.optimizer = "sgd", .loss = crossentropy, .metrics = {"accuracy"}});
        model.fit(scattered({8, 3}), targets, {.verbose = 0, .class_weight = {{0, 2.0}}});
        return model.get_weights()[0].to_vector<double>();
      };
      const std::vector<double> expected = trained(cast(tensor(labels), i32));
      CHECK(trained(tensor(labels)) == expected);
      CHECK(trained(tensor(labels, {8, 1})) == expected);
      CHECK(trained(cast(tensor(labels), u8)) == expected);
    }
    set_default_device(reference());
  }

  TEST_CASE("mistakes: weights of classes for one-hot targets and for floats") {
    reference();
    const Tensor labels = whole({0, 1, 2, 1, 0, 2, 2, 1});
    const std::map<int, double> by_class{{0, 2.0}, {2, 0.5}};
    const auto trained = [&](const char* loss, const Tensor& targets, const FitOptions& options,
                             std::int64_t units) {
      set_random_seed(4);
      Sequential model({Dense(units)});
      model.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = loss});
      FitOptions all = options;
      all.verbose = 0;
      model.fit(scattered({8, 3}), targets, all);
      return model.get_weights()[0].to_vector<double>();
    };
    const Tensor weights = tensor({2, 1, 0.5, 1, 2, 0.5, 0.5, 1});
    CHECK(
        trained("categorical_crossentropy_from_logits", one_hot(labels, 3), {.class_weight = by_class}, 3) ==
        trained("categorical_crossentropy_from_logits", one_hot(labels, 3), {.sample_weight = weights}, 3));
    const Tensor truth = tensor({0.0, 1, 0, 1, 0, 0, 0, 1});
    const Tensor of_truth = tensor({2.0, 1, 2, 1, 2, 2, 2, 1});
    CHECK(trained("binary_crossentropy_from_logits", truth, {.class_weight = by_class}, 1) ==
          trained("binary_crossentropy_from_logits", truth, {.sample_weight = of_truth}, 1));
    // A negative label is not among the labels with a weight.
    const Tensor sides = whole({-1, 1, -1, 1, -1, -1, -1, 1});
    CHECK(trained("hinge", sides, {.class_weight = {{0, 9.0}, {1, 2.0}}}, 1) ==
          trained("hinge", sides, {.sample_weight = tensor({1.0, 2, 1, 2, 1, 1, 1, 2})}, 1));
    CHECK(
        fitting(Dense(1), {.loss = "mse"}, tensor({0, 1, 2, 1, 0.25, 2, 2, 1}), {.class_weight = by_class}) ==
        "[fit] the label of example 4 is 0.25; labels are whole numbers.");
  }

  TEST_CASE("mistakes: indices beyond an embedding's table, in tensors and from a generator") {
    reference();
    std::vector<std::int32_t> words(60, 3);
    words[41] = 10;
    const Tensor x = tensor(words, {20, 3}), y = zeros({20, 1});
    const auto model_of = [](Layer first) {
      Sequential model({std::move(first), Flatten(), Dense(1)});
      model.compile({.optimizer = "sgd", .loss = "mse"});
      return model;
    };
    const auto train = [&](const Dataset& data, Layer first) {
      model_of(std::move(first)).fit(data, {.verbose = 0});
    };
    const auto fails = [&](const Dataset& data, Layer first) {
      return error_of([&] { train(data, std::move(first)); });
    };
    const std::string rule =
        " the input of example 13 holds 10, but 'embedding' has 10 rows; indices are whole numbers from 0 to "
        "9.";
    CHECK(fails({x, y}, Embedding(10, 2)) == "[fit]" + rule);
    CHECK(fails({cast(x, u8), y}, Embedding(10, 2)) == "[fit]" + rule);
    CHECK_NOTHROW(train({x, y}, Embedding(11, 2)));
    // Only the examples that are used count.
    CHECK_NOTHROW(train(Dataset(x, y).slice(0, 13), Embedding(10, 2)));
    CHECK(fails(Dataset(x, y).slice(12, 20), Embedding(10, 2)) == "[fit]" + rule);
    // Indices that are moved are followed to the input; those that are computed, or a part of it, are clamped.
    const Embedding words_of(10, 2, {.name = "words"});
    const auto moved = [words_of](const Tensor& i, const Mode& mode) {
      return words_of(cast(transpose(i), u32), mode);
    };
    CHECK(fails({x, y}, [moved](const Tensor& i, const Mode& mode) {
            return permute(moved(i, mode), {1, 0, 2});
          }).find("'words' has 10 rows") != std::string::npos);
    CHECK_NOTHROW(
        train({x, y}, [words_of](const Tensor& i, const Mode& mode) { return words_of(i % 10, mode); }));
    CHECK_NOTHROW(train({x, y}, [words_of](const Tensor& i, const Mode& mode) {
      return words_of(slice(i, {{}, {0, 1}}), mode);
    }));
    CHECK_NOTHROW(train(Dataset(x, y).map([](const Tensor& i) { return i % 10; }), Embedding(10, 2)));

    Sequential model = model_of(Embedding(10, 2));
    model.fit(tensor(std::vector<std::int32_t>(60, 9), {20, 3}), y, {.verbose = 0});
    CHECK(error_of([&] { model.evaluate(x, y, {.verbose = 0}); }) == "[evaluate]" + rule);
    CHECK(error_of([&] { model.predict(x, {.verbose = 0}); }) == "[predict]" + rule);
    const Dataset generated = Dataset::from_generator([&] {
      return [&, at = std::int64_t{0}]() mutable -> std::optional<Batch> {
        if (at == 20) return {};
        const std::int64_t begin = std::exchange(at, at + 10);
        const std::vector<std::int32_t> part(words.begin() + begin * 3, words.begin() + (begin + 10) * 3);
        return Batch{.inputs = {tensor(part, {10, 3})}, .targets = {tensor(std::vector<float>(10), {10, 1})}};
      };
    });
    CHECK(error_of([&] { model.fit(generated, {.verbose = 0}); }) == "[fit]" + rule);
    CHECK(error_of([&] { model.predict(generated, {.verbose = 0}); }) == "[predict]" + rule);
    // Labels that fit no loss do not keep anyone from predicting.
    model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy_from_logits"});
    CHECK_NOTHROW(model.predict(Dataset(x % 10, full({20}, 5, i32)), {.verbose = 0}));
  }

  TEST_CASE("mistakes: metrics of one name, whose sums would be one") {
    const auto compiled = [](const CompileOptions& options) {
      return error_of([&] { Sequential({Dense(1)}).compile(options); });
    };
    const std::string rule = " has the name of another, or of the loss; give each a name of its own.";
    CHECK(compiled({.loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}}) ==
          "[compile] the metric 'mae'" + rule);
    CHECK(compiled({.loss = "mse", .metrics = {Metric("mae").named("loss")}}) ==
          "[compile] the metric 'loss'" + rule);
    CHECK(compiled({.losses = {"mse", "mse"}, .output_names = {"a", "a"}}) ==
          "[compile] the output 'a'" + rule);
    Sequential model({Dense(1)});
    model.compile(
        {.loss = "mse", .metrics = {"mae"}, .weighted_metrics = {Metric("mae").named("weighted_mae")}});
  }

  TEST_CASE("mistakes: a weight that is used twice is regularized once") {
    reference();
    const Dense dense(2, {.use_bias = false, .kernel_initializer = "ones", .kernel_regularizer = l2(1)});
    Model model([=](const Tensor& x, const Mode& mode) { return dense(dense(x, mode), mode); });
    model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = "mse"});
    // 4 for the kernel; all outputs are 4.
    CHECK(model.fit(ones({2, 2}), 4 * ones({2, 2}), {.verbose = 0})["loss"][0] == doctest::Approx(4));
  }
}

TEST_CASE("model: loss, validation and evaluate add what layers add, as Keras does") {
  for (const auto& device : reference_and_device()) {
    set_default_device(device);
    const Tensor x = ones({40, 4}), y = zeros({40, 1});
    const auto adding = [](const Tensor& h, const Mode& mode) {
      mode.add_loss(0.5 * mean(h));
      return h;
    };
    Sequential model(
        {Input({4}), Dense(1, {.kernel_initializer = "ones", .kernel_regularizer = l2(1.0)}), adding});
    model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = "mse"});
    // (1 + 1 + 1 + 1)^2, four weights of 1, half of 4; the last batch has 8 examples.
    const Dataset data(x, y);
    const History history = model.fit(data, {.verbose = 0, .validation_data = data});
    CHECK(history["loss"][0] == 22);
    CHECK(history["val_loss"][0] == 22);
    CHECK(model.evaluate(data, {.verbose = 0})["loss"] == 22);
  }
  set_default_device(reference());
}

}  // namespace hekla::testing
