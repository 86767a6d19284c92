// Activations, losses and the dense layer against values worked out by hand and Keras's rules.
#include <doctest/doctest.h>

#include <cmath>

#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/loss.h"
#include "ops/matmul.h"
#include "ops/random.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/layers/dense.h"

namespace hekla::testing {

namespace {

Tensor classes(const std::vector<std::int32_t>& labels) { return tensor(labels); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("relu, softmax, log_softmax") {
    expect([] { return relu(tensor({-1, 0, 2.5})); }, {3}, f32, {0, 0, 2.5});
    expect([] { return softmax(tensor({1.0, 2, 3})); }, {3}, f32, {0.0900305732, 0.2447284711, 0.6652409558});
    expect([] { return softmax(tensor({1000.0, 1000, -1000})); }, {3}, f32, {0.5, 0.5, 0});
    expect([] { return softmax(tensor({1.0, 5, 1, 5}, {2, 2}), 0); }, {2, 2}, f32, {0.5, 0.5, 0.5, 0.5});
    expect(
        [] {
          return log_softmax(tensor({1.0, 2, 3}));
        },
        {3}, f32, {-2.4076059644, -1.4076059644, -0.4076059644});
    expect([] { return log_softmax(tensor({0.0, 1000})); }, {2}, f32, {-1000, 0});
  }

  TEST_CASE("cross-entropy: the mean of -log of the label's probability") {
    const auto loss = [](const Tensor& labels, const Tensor& logits) {
      return sparse_categorical_crossentropy_from_logits(labels, logits);
    };
    const double ln2 = std::log(2.0), ln4 = std::log(4.0);
    expect([&] { return loss(classes({1}), tensor({0.0, 0}, {1, 2})); }, {}, f32, {ln2});
    // Probabilities 1/4, 3/4 and 1/2, 1/2.
    expect(
        [&] {
          return loss(classes({0, 1}), tensor({0, std::log(3.0), 5, 5}, {2, 2}));
        },
        {}, f32, {(ln4 + ln2) / 2});
    expect(
        [&] {
          return loss(classes({1, 1}), tensor({0, std::log(3.0), 5, 5}, {2, 2}));
        },
        {}, f32, {(std::log(4.0 / 3) + ln2) / 2});
    expect(
        [&] {
          return loss(tensor(std::vector<std::uint8_t>{2}), tensor({1.0, 2, 3}, {1, 3}));
        },
        {}, f32, {0.4076059644});
    expect([&] { return loss(classes({0}), tensor({-1000.0, 1000}, {1, 2})); }, {}, f32, {2000});
    // A label that names no class contributes 0, and still counts as a sample.
    expect([&] { return loss(classes({0, 7}), zeros({2, 2})); }, {}, f32, {ln2 / 2});
    expect([&] { return loss(classes({0, -1}), zeros({2, 2})); }, {}, f32, {ln2 / 2});
  }

  TEST_CASE("accuracy: the first of equal scores decides") {
    const auto scores = [] { return tensor({1.0, 3, 2, 5, 5, 0, 0, 1, 9}, {3, 3}); };
    expect([&] { return sparse_categorical_accuracy(classes({1, 0, 2}), scores()); }, {}, f32, {1});
    expect([&] { return sparse_categorical_accuracy(classes({1, 1, 0}), scores()); }, {}, f32, {1.0 / 3});
  }

  TEST_CASE("matmul: by hand") {
    const auto a = [] { return tensor({1.0, 2, 3, 4, 5, 6}, {2, 3}); };
    const auto b = [] { return tensor({1.0, 0, -1, 2, 3, 1}, {3, 2}); };
    expect([&] { return matmul(a(), b()); }, {2, 2}, f32, {8, 7, 17, 16});
    expect([] { return matmul(zeros({2, 0}), zeros({0, 3})); }, {2, 3}, f32, {0, 0, 0, 0, 0, 0});
    expect(
        [&] {
          return matmul(tensor({1.0, 2, 3, 4}, {2, 1, 2}), tensor({5.0, 6}, {2, 1}));
        },
        {2, 1, 1}, f32, {17, 39});
  }
}

}  // namespace hekla::testing
