// Low-rank adapters of layers and models.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

Sequential make_model(std::uint64_t seed = 3) {
  set_random_seed(seed);
  return Sequential({Input({4}), Dense(5, "tanh"), BatchNormalization(), Dense(2)});
}

Tensor inputs() { return pattern({8, 4}); }
Tensor targets() { return pattern({8, 2}, 5, 7); }

void train(Model& model, int epochs = 3) {
  model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
  model.fit(inputs(), targets(), {.batch_size = 4, .epochs = epochs, .verbose = 0});
}

std::vector<double> predictions(const Model& model) { return reference_values(model.predict(inputs())); }

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// All weights by their labels.
std::vector<std::pair<std::string, std::vector<float>>> values_of(const Model& model) {
  std::vector<std::pair<std::string, std::vector<float>>> all;
  for (const Tensor& weight : model.weights()) all.emplace_back(weight.node().label, weight.to_vector());
  return all;
}

bool is_adapter(const std::string& label) { return label.find("lora_") != std::string::npos; }

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("lora: outputs stay the same until training, which changes the adapters alone") {
    reference();
    Sequential model = make_model();
    const std::vector<double> before = predictions(model);
    lora(model, {.rank = 2, .alpha = 4});
    CHECK(described(model.trainable_weights()) ==
          std::vector<std::string>{"dense/lora_kernel_a [4,2]", "dense/lora_kernel_b [2,5]",
                                   "dense_1/lora_kernel_a [5,2]", "dense_1/lora_kernel_b [2,2]"});
    CHECK(predictions(model) == before);
    const auto old = values_of(model);
    train(model);
    CHECK(largest_difference(predictions(model), before) > 1e-3);
    const auto now = values_of(model);
    REQUIRE(now.size() == old.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      CAPTURE(now[i].first);
      CHECK((now[i].second != old[i].second) == is_adapter(now[i].first));
    }
  }

  TEST_CASE("lora: an adapter adds alpha / rank A B to its kernel") {
    reference();
    const Dense dense(3, {.use_bias = false});
    const Tensor x = pattern({2, 4});
    const Tensor before = dense(x);
    dense.enable_lora(2, 6);
    dense(x);
    const std::vector<Tensor> weights = dense.weights();
    REQUIRE(described(weights) == std::vector<std::string>{"dense/kernel [4,3]", "dense/lora_kernel_a [4,2]",
                                                           "dense/lora_kernel_b [2,3]"});
    assign(weights[2], pattern({2, 3}));
    check_values(dense(x), {2, 3}, reference_values(before + 3 * matmul(matmul(x, weights[1]), weights[2])));
    const Tensor loss = sum(square(dense(x)));
    CHECK(reference_values(sum(abs(grad(loss, weights[0]))))[0] == 0);
    CHECK(reference_values(sum(abs(grad(loss, weights[1]))))[0] > 0);
  }

  TEST_CASE("lora: merged weights and a saved file give the same outputs in a plain model") {
    reference();
    const test::TemporaryFolder folder;
    Sequential model = make_model();
    lora(model, {.rank = 2});
    train(model);
    const std::vector<double> trained = predictions(model);
    const auto path = folder.path() / "weights.safetensors";
    model.save_weights(path);
    Sequential plain = make_model(4);
    plain.load_weights(path);
    check_near(predictions(plain), trained);

    Sequential other = make_model(5);
    lora(other, {.rank = 1});
    train(other);
    other.load_weights(path);
    check_near(predictions(other), trained);

    merge_lora(model);
    check_near(predictions(model), trained);
    CHECK(described(model.weights()) == described(plain.weights()));
    CHECK(model.trainable_weights().size() == plain.trainable_weights().size());
    train(model, 1);
    CHECK(largest_difference(predictions(model), trained) > 1e-3);
  }

  TEST_CASE("lora: a saved training keeps the adapters") {
    reference();
    const test::TemporaryFolder folder;
    Sequential model = make_model();
    lora(model, {.rank = 2});
    train(model);
    const auto path = folder.path() / "state.safetensors";
    model.save(path);
    Sequential other = make_model(4);
    lora(other, {.rank = 2});
    other.compile({.optimizer = Adam(), .loss = "mse"});
    other.load(path);
    check_near(predictions(other), predictions(model));
    Sequential weights_alone = make_model(5);
    lora(weights_alone, {.rank = 2});
    weights_alone.load_weights(path);
    check_near(predictions(weights_alone), predictions(model));
  }

  TEST_CASE("lora: embeddings, attention and convolutions; layers by name") {
    reference();
    set_random_seed(2);
    Embedding embedding(6, 4);
    const Tensor tokens = tensor({{1, 2, 5}, {0, 3, 3}});
    const Tensor rows = embedding(tokens);
    embedding.enable_lora(2);
    check_values(embedding(tokens), {2, 3, 4}, reference_values(rows));
    CHECK(described(embedding.weights()) == std::vector<std::string>{"embedding/embeddings [6,4]",
                                                                     "embedding/lora_embeddings_a [6,2]",
                                                                     "embedding/lora_embeddings_b [2,4]"});
    MultiHeadAttention attention(2, 3);
    const Tensor attended = attention(rows);
    attention.enable_lora(2);
    check_values(attention(rows), {2, 3, 4}, reference_values(attended));
    const std::vector<std::string> names = described(attention.weights());
    CHECK(std::ranges::count(names, "multi_head_attention/query/lora_kernel_a [4,2,2]") == 1);
    CHECK(std::ranges::count(names, "multi_head_attention/attention_output/lora_kernel_b [2,4]") == 1);

    Sequential model({Input({8, 2}), Conv1D(3, 3), Flatten(), Dense(2)});
    lora(model, {.rank = 1}, {"conv"});
    CHECK(described(model.trainable_weights()) ==
          std::vector<std::string>{"conv1d/lora_kernel_a [3,2,1]", "conv1d/lora_kernel_b [1,3]"});
  }

  TEST_CASE("enable_lora of one layer leaves the others as they are") {
    reference();
    Sequential model = make_model();
    model.get_layer("dense_1").enable_lora(2);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    CHECK(described(model.trainable_weights()) ==
          std::vector<std::string>{"dense/kernel [4,5]", "dense/bias [5]", "batch_normalization/gamma [5]",
                                   "batch_normalization/beta [5]", "dense_1/lora_kernel_a [5,2]",
                                   "dense_1/lora_kernel_b [2,2]", "dense_1/bias [2]"});
    // A frozen layer keeps its adapters, too.
    model.get_layer("dense_1").trainable(false);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    CHECK(model.trainable_weights().size() == 4);
    // A layer that is adapted without the model's knowledge.
    const Dense dense(1);
    Sequential known({Input({2}), dense});
    dense.enable_lora(1);
    known.compile({.optimizer = "sgd", .loss = "mse"});
    CHECK(known.trainable_weights().size() == 3);
  }

  TEST_CASE("lora: errors") {
    reference();
    const Dense dense(2);
    CHECK(error_of([&] { dense.enable_lora(1); }) ==
          "[dense] enable_lora: the layer has no weights yet; build the model first.");
    dense(zeros({1, 3}));
    CHECK(error_of([&] { dense.enable_lora(0); }) == "[dense] enable_lora: rank 0; it must be 1 or more.");
    CHECK(error_of([&] { dense.enable_lora(1, NAN); }) ==
          "[dense] enable_lora: alpha nan; it must be finite.");
    dense.enable_lora(1);
    CHECK(error_of([&] { dense.enable_lora(1); }) ==
          "[dense] enable_lora: it has adapters already; merge_lora removes them.");
    Sequential model = make_model();
    CHECK(error_of([&] { model.get_layer("batch_normalization").enable_lora(1); }) ==
          "[batch_normalization] enable_lora: it has no weight that takes an adapter.");
    CHECK(error_of([&] { lora(model, {}, {"conv"}); }) ==
          "[lora] model 'sequential' has no layer to adapt among those named.");
    model.compile({.optimizer = "sgd", .loss = "mse"});
    lora(model);
    CHECK(error_of([&] { model.fit(inputs(), targets(), {.verbose = 0}); }).find("call compile() again") !=
          std::string::npos);
    CHECK(error_of([&] { lora(model); }) == "[lora] model 'sequential' has no layer to adapt.");
    Sequential unbuilt({Dense(1)});
    CHECK(error_of([&] { lora(unbuilt); }).starts_with("[lora] model 'sequential' has no weights yet;"));
    Sequential limited({Input({2}), Dense(1, {.kernel_constraint = non_negative()})});
    CHECK(error_of([&] { lora(limited); }) ==
          "[dense] kernel has a constraint, which an adapter would not keep; enable_lora is for weights "
          "without "
          "one.");
  }
}

}  // namespace hekla::testing
