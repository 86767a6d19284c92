// EinsumDense, ReversibleEmbedding and SpectralNormalization. The numbers are those of Keras 3.15's layers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Sizes = std::vector<std::int64_t>;

EinsumDense dense(const std::string& equation, const Sizes& sizes, const std::string& bias_axes = "",
                  const ActivationFunction& activation = {}) {
  return EinsumDense(
      equation, sizes, activation,
      {.bias_axes = bias_axes, .kernel_initializer = patterned(5, 9), .bias_initializer = patterned(3, 7)});
}

SpectralNormalization normalized(const Dense& inner, std::int64_t iterations = 1) {
  return SpectralNormalization(inner, {.power_iterations = iterations});
}

// Makes the weights in a call of training and starts u at Keras's in these tests.
void start(const SpectralNormalization& layer) {
  layer(pattern({2, 3}), training());
  assign(layer.weights().back(), tensor({0.5, -0.25}, {1, 2}));
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("einsum_dense layer") {
    expect(
        [] {
          return dense("ab,bc->ac", {2}, "c")(pattern({2, 3}));
        },
        {2, 2}, f32, {-0.09375, -0.109375, -0.640625, -0.03125});
    reference();
    check_values(dense("abc,cd->abd", {-1, 2}, "d", "relu")(pattern({1, 2, 3})), {1, 2, 2}, {0, 0, 0, 0});
    check_values(dense("...x,xy->...y", {2}, "y")(pattern({1, 2, 3})), {1, 2, 2},
                 {-0.09375, -0.109375, -0.640625, -0.03125});
    const EinsumDense rows = dense("...xy,yz->...xz", {2, 2}, "x");
    check_values(rows(pattern({1, 2, 3})), {1, 2, 2}, {-0.09375, -0.484375, -0.265625, -0.03125});
    CHECK(described(rows.weights()) ==
          std::vector<std::string>{"einsum_dense/kernel [3,2]", "einsum_dense/bias [2,1]"});
    const EinsumDense behind = dense("ab...,bc->ac...", {2}, "c");
    check_values(behind(pattern({1, 3, 2})), {1, 2, 2}, {0, -0.640625, -0.09375, 0.046875});
    CHECK(described(behind.weights())[1] == "einsum_dense/bias [2,1]");
    check_values(dense("abc,cde->abde", {-1, 2, 2}, "de")(pattern({1, 2, 3})), {1, 2, 2, 2},
                 {-0.125, 0.140625, 0.546875, -0.0625, -0.71875, 0.3125, 0.078125, 0.234375});
    // The kernel's axes in another order than those of the matrix that an initializer makes.
    const auto assigned = [](const EinsumDense& layer) {
      layer(pattern({1, 2, 3}));
      assign(layer.weights()[0], pattern({2, 3, 2}, 5, 9));
      return layer(pattern({1, 2, 3}));
    };
    check_values(assigned(dense("abc,dce->abde", {-1, 2, 2})), {1, 2, 2, 2},
                 {0.28125, -0.109375, 0.046875, -0.34375, -0.265625, -0.03125, -0.125, 0.390625});
    check_values(assigned(dense("abc,bcd->abd", {-1, 2})), {1, 2, 2}, {0.28125, -0.109375, -0.125, 0.390625});
  }

  TEST_CASE("einsum_dense layer: how the kernel starts, masks") {
    reference();
    // Glorot's limit sqrt(6 / (3 + 600)), as the axis c alone is summed over.
    const EinsumDense layer("abc,dce->abde", {-1, 30, 20});
    const Tensor x = pattern({1, 2, 3});
    const Mode mode;
    mode.set_mask(x, cast(tensor({1.0, 0}, {1, 2}), boolean).detach());
    check_values(mode.mask_of(layer(x, mode)), {1, 2}, {1, 0});
    double largest = 0;
    for (const double element : reference_values(layer.weights()[0]))
      largest = std::max(largest, std::abs(element));
    CHECK(largest < 0.0997513);
    CHECK(largest > 0.099);
  }

  TEST_CASE("einsum_dense layer: errors") {
    reference();
    for (const char* equation : {"ab,bc", "ab->ac", "a1,1c->ac", "...ab,bc->ac", "ab,->a"})
      CHECK(error_of([&] { EinsumDense(equation, {2}); }) ==
            "[einsum_dense] \"" + std::string(equation) +
                "\"; an equation is \"x,kernel->y\" with letters for their axes, where x and y may both "
                "begin or "
                "both end with \"...\".");
    CHECK(error_of([] { EinsumDense("ab,bc->ad", {2}); }) ==
          "[einsum_dense] \"ab,bc->ad\": y has the axis d, which neither x nor the kernel has.");
    CHECK(error_of([] { EinsumDense("ab,bcd->ac", {2}); }) ==
          "[einsum_dense] \"ab,bcd->ac\": the kernel has the axis d, which neither x nor y has.");
    CHECK(error_of([] { EinsumDense("ab,bc->ac", {2}, {.bias_axes = "b"}); }) ==
          "[einsum_dense] \"ab,bc->ac\": bias_axes names b, which is no axis of y.");
    CHECK(error_of([] {
            EinsumDense("ab,bc->ac", {2, 3});
          }) == "[einsum_dense] \"ab,bc->ac\": 2 sizes in output_shape; y has 1 axes besides the batch.");
    CHECK(
        error_of([] { EinsumDense("...x,xy->...y", {}); }) ==
        "[einsum_dense] \"...x,xy->...y\": 0 sizes in output_shape; y has 1 axes besides the batch and those "
        "of \"...\".");
    CHECK(error_of([] {
            EinsumDense("ab,bc->ac", {-1})(zeros({2, 3}));
          }) ==
          "[einsum_dense] \"ab,bc->ac\": the size of c is -1; it must be positive, as x has no such axis.");
    CHECK(
        error_of([] {
          EinsumDense("abc,cd->abd", {4, 2})(zeros({2, 3, 5}));
        }) ==
        "[einsum_dense] \"abc,cd->abd\": b is 4 in output_shape and 3 in x, f32[2,3,5]; they must be equal.");
    CHECK(error_of([] {
            EinsumDense("ab,bc->ac", {2})(zeros({2, 3, 4}));
          }) == "[einsum_dense] \"ab,bc->ac\" is called with f32[2,3,4]; x must have 2 axes.");
    CHECK(error_of([] { EinsumDense("...x,xy->...y", {2})(zeros({2})); }) ==
          "[einsum_dense] \"...x,xy->...y\" is called with f32[2]; x must have 1 axes and the batch before "
          "them.");
  }

  TEST_CASE("reversible_embedding layer") {
    const ReversibleEmbedding tied(4, 3, {.embeddings_initializer = patterned(5, 9)});
    const Tensor words = tensor(std::vector<std::int32_t>{1, 3}, {1, 2});
    expect([&] { return tied(words); }, {1, 2, 3}, f32, {0.25, -0.25, 0.375, -0.5, 0.125, -0.375});
    expect(
        [&] {
          return tied.reverse(pattern({1, 2, 3}));
        },
        {1, 2, 4}, f32, {0.4375, -0.3125, 0.203125, 0.4375, -0.15625, -0.015625, -0.015625, -0.15625});
    CHECK(described(tied.weights()) == std::vector<std::string>{"reversible_embedding/embeddings [4,3]"});
    const ReversibleEmbedding apart(
        4, 3, {.tie_weights = false, .embeddings_initializer = patterned(5, 9), .logit_soft_cap = 0.5});
    expect(
        [&] {
          return apart.reverse(pattern({1, 2, 3}));
        },
        {1, 2, 4}, f32,
        {0.231058583, 0.137030795, 0.165410563, 0.0621764995, -0.298186779, 0.277299851, -0.266293645,
         0.308067203});
    CHECK(described(apart.weights()) ==
          std::vector<std::string>{"reversible_embedding/reverse_embeddings [3,4]"});
  }

  TEST_CASE("reversible_embedding layer: in a language model, and errors") {
    reference();
    set_random_seed(4);
    const ReversibleEmbedding embed(6, 5, {.mask_zero = true});
    const auto model_of = [embed](const Tensor& x, const Mode& mode) {
      return embed.reverse(embed(x, mode), mode);
    };
    Model model(model_of);
    const Tensor x = tensor(std::vector<std::int32_t>{1, 2, 0, 3, 4, 5}, {2, 3});
    model.compile(
        {.optimizer = Adam({.learning_rate = 0.1}), .loss = sparse_categorical_crossentropy_from_logits});
    model.fit(x, x, {.epochs = 60, .verbose = 0});
    CHECK(described(model.weights()) == std::vector<std::string>{"reversible_embedding/embeddings [6,5]"});
    CHECK(model.evaluate(x, x, {.verbose = 0})["loss"] < 0.5);
    CHECK(error_of([] { ReversibleEmbedding(4, 3, {.logit_soft_cap = 0}); }) ==
          "[reversible_embedding] logit_soft_cap is 0; it must be positive.");
    CHECK(error_of([] {
            ReversibleEmbedding(4, 3).reverse(zeros({2, 4}));
          }) == "[reversible_embedding] goes back from [.., 3], not from f32[2,4].");
  }

  TEST_CASE("spectral_normalization layer: one call") {
    reference();
    const Dense inner(2, {.kernel_initializer = patterned(5, 9)});
    const SpectralNormalization layer = normalized(inner);
    check_values(layer(pattern({2, 3})), {2, 2}, {0.28125, -0.109375, -0.265625, -0.03125});
    start(layer);
    CHECK(described(layer.weights()) == std::vector<std::string>{"spectral_normalization/dense/kernel [3,2]",
                                                                 "spectral_normalization/dense/bias [2]",
                                                                 "spectral_normalization/vector_u [1,2]"});
    const auto near = [](const Tensor& actual, const std::vector<double>& expected) {
      const std::vector<double> found = reference_values(actual);
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < 1e-6);
    };
    const Mode mode = training();
    near(layer(pattern({2, 3}), mode), {0.359670877, -0.139872015, -0.339689136, -0.0399634279});
    near(mode.latest(layer.weights().back()), {0.849285364, -0.527934194});
    const Dense other(2, {.kernel_initializer = patterned(5, 9)});
    const SpectralNormalization thrice = normalized(other, 3);
    start(thrice);
    near(thrice(pattern({2, 3}), training()), {0.359502912, -0.139806703, -0.339530557, -0.0399447754});
    // A kernel of zeros stays.
    const SpectralNormalization zero(Dense(2, {.kernel_initializer = "zeros"}));
    near(zero(pattern({2, 3}), training()), {0, 0, 0, 0});
  }

  TEST_CASE("spectral_normalization layer: two steps of training are Keras's") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const Dense inner(2, {.kernel_initializer = patterned(5, 9)});
      const SpectralNormalization layer = normalized(inner);
      Sequential model({Input({3}), layer});
      model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
      assign(layer.weights().back(), tensor({0.5, -0.25}, {1, 2}));
      model.fit(pattern({2, 3}), pattern({2, 2}, 3, 7),
                {.batch_size = 2, .epochs = 2, .verbose = 0, .shuffle = false});
      const auto near = [](const Tensor& actual, const std::vector<double>& expected) {
        const std::vector<double> found = actual.to_vector<double>();
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < 2e-6);
      };
      near(inner.weights()[0],
           {-0.562620044, 0.1492071, -0.498960435, 0.328798413, -0.334777027, 0.489276648});
      near(inner.weights()[1], {-0.00196337397, 0.00536890049});
      near(layer.weights().back(), {0.834127843, -0.55157119});
    }
    set_default_device(reference());
  }

  TEST_CASE("spectral_normalization layer: the layer's own constraint, errors") {
    reference();
    const Dense inner(2, {.kernel_initializer = patterned(5, 9), .kernel_constraint = non_negative()});
    const SpectralNormalization layer(inner);
    Sequential model({Input({3}), layer});
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
    model.fit(pattern({2, 3}), pattern({2, 2}, 3, 7), {.verbose = 0});
    const std::vector<double> kernel = reference_values(inner.weights()[0]);
    CHECK(std::ranges::min(kernel) == 0);
    CHECK(std::ranges::max(kernel) > 0.1);
    CHECK(error_of([] { SpectralNormalization(Dense(2), {.power_iterations = 0}); }) ==
          "[spectral_normalization] power_iterations is 0; it must be positive.");
    CHECK(error_of([] {
            SpectralNormalization{LayerNormalization{}}(zeros({2, 3}), training());
          }) == "[spectral_normalization] the layer has neither a kernel nor embeddings.");
  }
}

}  // namespace hekla::testing
