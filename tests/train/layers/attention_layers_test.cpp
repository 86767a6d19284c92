// The attention layer against PyTorch's over the same numbers.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;

// Two heads of two features over four; the first call makes the weights, which are then assigned.
MultiHeadAttention filled(MultiHeadAttentionOptions options = {}) {
  MultiHeadAttention layer(2, 2, std::move(options));
  layer(zeros({1, 3, 4}));
  const std::vector<Tensor> weights = layer.weights();
  const std::vector<std::pair<int, int>> patterns{{5, 9}, {3, 7}, {7, 9}, {2, 7}, {4, 9}, {5, 7}, {5, 9}};
  for (std::size_t i = 0; i < patterns.size(); ++i)
    assign(weights[i], pattern(weights[i].shape(), patterns[i].first, patterns[i].second));
  assign(weights[7], tensor({0.5, -0.25, 0, 1}));
  return layer;
}

Tensor query() { return pattern({1, 3, 4}); }
Tensor value() { return pattern({1, 2, 4}, 5, 9); }

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("multi_head_attention layer: a sequence with itself") {
    const std::vector<double> expected{0.484853855, -0.0644611939, -0.0549205882, 1.14576436,
                                       0.492048553, -0.0679657357, -0.0503678142, 1.1396179,
                                       0.481059586, -0.0675688489, -0.060032544,  1.14133902};
    expect([&] { return filled()(query()); }, {1, 3, 4}, f32, expected);
    check_values(filled()(query(), query(), query()), {1, 3, 4}, expected);
    check_values(filled({.use_causal_mask = true})(query()), {1, 3, 4},
                 {0.34375, 0.20703125, -0.177734375, 1.43554688, 0.564018236, -0.0514909897, 0.0303342371,
                  1.16482501, 0.481059586, -0.0675688489, -0.060032544, 1.14133902});
  }

  TEST_CASE("multi_head_attention layer: one sequence with another") {
    reference();
    const std::vector<double> unmasked{0.391206142, 0.0866683006, -0.140997144, 1.30446501,
                                       0.391662999, 0.0876194658, -0.14139184,  1.30456463,
                                       0.39167375,  0.0878350287, -0.141492889, 1.30466839};
    check_values(filled()(query(), value()), {1, 3, 4}, unmasked);
    const Tensor seen = tensor({1.0, 0, 1, 1, 0, 1}, {1, 3, 2}) > 0;
    const std::vector<double> masked{0.36328125,  0.1484375,    -0.173828125, 1.36132812,
                                     0.391662999, 0.0876194658, -0.14139184,  1.30456463,
                                     0.41796875,  0.03125,      -0.111328125, 1.25195312};
    check_values(filled()(query(), value(), value(), {}, seen), {1, 3, 4}, masked);
    check_values(filled()(query(), value(), value(), {}, squeeze(seen, {0})), {1, 3, 4}, masked);
    // Each sample of a batch has its own mask.
    const auto twice = [](const Tensor& x) { return concat({x, x}, 0); };
    const Tensor y =
        filled()(twice(query()), twice(value()), twice(value()), {}, concat({seen, ones_like(seen)}, 0));
    std::vector<double> both = masked;
    both.insert(both.end(), unmasked.begin(), unmasked.end());
    check_values(y, {2, 3, 4}, both);
  }

  TEST_CASE("multi_head_attention layer: weights") {
    reference();
    const MultiHeadAttention layer(2, 3, {.value_dim = 5, .output_shape = 6});
    CHECK(layer(zeros({2, 3, 4}), zeros({2, 7, 8}), zeros({2, 7, 9})).shape() == Shape{2, 3, 6});
    CHECK(described(layer.weights()) ==
          Strings{"multi_head_attention/query/kernel [4,2,3]", "multi_head_attention/query/bias [2,3]",
                  "multi_head_attention/key/kernel [9,2,3]", "multi_head_attention/key/bias [2,3]",
                  "multi_head_attention/value/kernel [8,2,5]", "multi_head_attention/value/bias [2,5]",
                  "multi_head_attention/attention_output/kernel [2,5,6]",
                  "multi_head_attention/attention_output/bias [6]"});
    const MultiHeadAttention bare(2, 3, {.use_bias = false});
    bare(zeros({2, 3, 4}));
    CHECK(bare.weights().size() == 4);
  }

  TEST_CASE("multi_head_attention layer: dropout of the weights, in training only") {
    reference();
    // One head that returns the values: each result is the sum of the attention weights that dropout keeps.
    const MultiHeadAttention layer(1, 1, {.dropout = 0.5, .use_bias = false, .kernel_initializer = "ones"});
    const Tensor query = zeros({1, 40, 1}), value = ones({1, 2, 1});
    CHECK(reference_values(layer(query, value)) == std::vector<double>(40, 1.0));
    int counts[3] = {};
    for (const double y : reference_values(layer(query, value, training()))) {
      REQUIRE((y == 0 || y == 1 || y == 2));
      ++counts[static_cast<int>(y)];
    }
    for (const int count : counts) CHECK(count > 2);
  }

  TEST_CASE("multi_head_attention layer: errors") {
    reference();
    CHECK(error_of([] { MultiHeadAttention(0, 2); }) ==
          "[multi_head_attention] num_heads is 0, key_dim 2, value_dim 2 and output_shape 1; all must be "
          "positive.");
    CHECK(error_of([] { MultiHeadAttention(1, 2, {.dropout = -1}); }) ==
          "[multi_head_attention] dropout is -1; it must lie in [0, 1].");
    CHECK(error_of([] {
            MultiHeadAttention(1, 2, {.name = "gaze"})(zeros({3, 4}));
          }) == "[gaze] takes [batch, positions, features], not f32[3,4].");
    CHECK(error_of([] {
            MultiHeadAttention(1, 2)(zeros({1, 3, 4}), zeros({1, 2, 4}), zeros({1, 3, 4}));
          }) ==
          "[multi_head_attention] value is f32[1,2,4] and key f32[1,3,4]; they must have the same number of "
          "positions, at least one.");
  }
}

}  // namespace hekla::testing
