// Attention with weights: heads that are shared, and additive scores. The numbers are those of Keras 3.15's layers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

Tensor query() { return pattern({2, 3, 4}); }
Tensor value() { return pattern({2, 2, 4}, 3, 7); }
Tensor key() { return pattern({2, 2, 4}, 5, 7); }
Tensor mask_of(std::vector<double> counts, const Shape& shape) {
  return cast(tensor(counts, shape), boolean).detach();
}

GroupQueryAttention grouped(GroupQueryAttentionOptions options = {}) {
  options.kernel_initializer = patterned(5, 9);
  options.bias_initializer = patterned(3, 7);
  return GroupQueryAttention(2, 4, 2, options);
}

// A layer whose scale is a pattern.
AdditiveAttention additive(AdditiveAttentionOptions options = {}) {
  AdditiveAttention layer(std::move(options));
  layer(query(), value());
  for (const Tensor& scale : layer.weights()) assign(scale, pattern({4}, 5, 9));
  return layer;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("group_query_attention layer") {
    const GroupQueryAttention layer = grouped();
    expect([&] { return layer(query(), value(), key()); }, {2, 3, 4}, f32,
           {0.0207968652, 0.338960439,  0.253379464,   -0.302328229, 0.0122187138, 0.334198415,
            0.266131222,  -0.286028922, 0.0141893625,  0.334848672,  0.256130219,  -0.296069264,
            -0.062428534, 0.347652853,  0.300818324,   -0.16410026,  -0.062048912, 0.347089171,
            0.30122292,   -0.164639041, -0.0617212355, 0.346970439,  0.301434636,  -0.16487366});
    const GroupQueryAttention gated = grouped({.sliding_window = 1, .use_gate = true});
    expect([&] { return gated(query()); }, {2, 3, 4}, f32,
           {-0.175304398, 0.237735704,   0.11677289,   -0.319900423, -0.153741628, 0.166065902,
            0.26005137,   -0.283642054,  -0.222493961, 0.178153634,  0.368454635,  -0.0888479203,
            -0.145218134, 0.171893686,   0.265667289,  -0.288387209, -0.215302721, 0.191096604,
            0.369948745,  -0.0861426145, -0.265483856, 0.225081727,  0.333591342,  -0.0406062305});
    CHECK(described(gated.weights()) ==
          std::vector<std::string>{
              "group_query_attention/query/kernel [4,4,2]", "group_query_attention/query/bias [4,2]",
              "group_query_attention/key/kernel [4,2,2]", "group_query_attention/key/bias [2,2]",
              "group_query_attention/value/kernel [4,2,2]", "group_query_attention/value/bias [2,2]",
              "group_query_attention/gate/kernel [4,4,2]", "group_query_attention/gate/bias [4,2]",
              "group_query_attention/attention_output/kernel [4,2,4]",
              "group_query_attention/attention_output/bias [4]"});
  }

  TEST_CASE("group_query_attention layer: masks") {
    reference();
    const auto check = [](const Tensor& actual, const std::vector<double>& expected) {
      const std::vector<double> found = reference_values(actual);
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < 1e-6);
    };
    check(grouped({.use_causal_mask = true})(query()),
          {-0.0625,     0.39453125,   -0.02734375,   -0.4453125,  0.00837734342, 0.373616099,
           0.061680913, -0.443775773, -0.0123898983, 0.342504829, 0.172317117,   -0.340531111,
           0.1015625,   0.375,        0.15625,       -0.4453125,  0.0243692994,  0.343781263,
           0.281199634, -0.27647981,  -0.016770035,  0.359085381, 0.319754362,   -0.181048304});
    check(grouped({.use_bias = false})(query(), value(), key(), {},
                                       mask_of({1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1}, {2, 3, 2})),
          {0.029296875, 0.013671875, -0.16015625,   -0.17578125,    0.0234375,    -0.03125,
           0.125,       0.0703125,   0.0243281797,  -0.00986399874, -0.023179777, -0.0563688576,
           -0.0234375,  0.01953125,  0.02734375,    0.0703125,      -0.0703125,   -0.01171875,
           0.01171875,  0.0703125,   -0.0464899614, 0.00362505764,  0.0198340192, 0.0699490383});
    // The mask of the value rules out keys; the result keeps that of the query.
    const Mode mode;
    const Tensor q = query(), v = value();
    mode.set_mask(v, mask_of({1, 0, 1, 1}, {2, 2}));
    check(grouped()(q, v, mode),
          {0.013671875,   0.357421875,  0.12109375,    -0.41015625,  0.013671875,   0.357421875,
           0.12109375,    -0.41015625,  0.013671875,   0.357421875,  0.12109375,    -0.41015625,
           -0.0623570681, 0.347649515,  0.300855458,   -0.164138049, -0.0615977943, 0.346522123,
           0.301664531,   -0.165215477, -0.0609428585, 0.346284986,  0.302087724,   -0.165684462});
    mode.set_mask(q, mask_of({1, 1, 0, 1, 0, 1}, {2, 3}));
    check_values(mode.mask_of(grouped()(q, v, mode)), {2, 3}, {1, 1, 0, 1, 0, 1});
  }

  TEST_CASE("attention layers: kernels start by the fans of the axes that are summed over") {
    reference();
    // Glorot's limit sqrt(6 / (100 + 4)) of 100 features and 2 heads of 2, which uniform numbers come near to.
    const MultiHeadAttention layer(2, 2);
    layer(zeros({1, 1, 100}));
    double largest = 0;
    for (const double element : reference_values(layer.weights()[0]))
      largest = std::max(largest, std::abs(element));
    CHECK(largest < 0.240193);
    CHECK(largest > 0.23);
  }

  TEST_CASE("group_query_attention layer: errors") {
    reference();
    CHECK(error_of([] { GroupQueryAttention(2, 0, 1); }) ==
          "[group_query_attention] head_dim is 2, num_query_heads 0 and num_key_value_heads 1; all must be "
          "positive.");
    CHECK(error_of([] { GroupQueryAttention(2, 4, 3); }) ==
          "[group_query_attention] 4 heads of the query share 3 of key and value; the latter must divide the "
          "former.");
    CHECK(error_of([] { GroupQueryAttention(2, 4, 2, {.sliding_window = 0}); }) ==
          "[group_query_attention] sliding_window is 0; it must be positive.");
    CHECK(error_of([] { GroupQueryAttention(2, 4, 2, {.dropout = 2}); }) ==
          "[group_query_attention] dropout is 2; it must lie in [0, 1].");
    CHECK(error_of([] {
            GroupQueryAttention(2, 4, 2)(zeros({2, 3}));
          }) == "[group_query_attention] takes [batch, positions, features], not f32[2,3].");
  }

  TEST_CASE("additive_attention layer") {
    const AdditiveAttention layer = additive();
    expect([&] { return layer(query(), value(), key()); }, {2, 3, 4}, f32,
           {-0.102456339, -0.109017469, 0.265982538,  -0.234017476, -0.117853433, -0.102858618,
            0.272141367,  -0.227858618, -0.104516916, -0.108193226, 0.266806751,  -0.233193219,
            -0.12839289,  0.246607095,  -0.253392905, 0.12160711,   -0.128730819, 0.246269166,
            -0.253730804, 0.121269166,  -0.12685506,  0.248144954,  -0.251855046, 0.12314494});
    CHECK(described(layer.weights()) == std::vector<std::string>{"additive_attention/scale [4]"});
    const AdditiveAttention plain({.use_scale = false});
    expect([&] { return plain(query(), value()); }, {2, 3, 4}, f32,
           {-0.110185005,  -0.105926,    0.269073993,   -0.230926007, -0.0587933809, -0.126482651,
            0.248517364,   -0.251482636, -0.0853313357, -0.115867466, 0.259132534,   -0.240867466,
            -0.0699815527, 0.305018455,  -0.194981545,  0.18001844,   -0.0776802301, 0.29731977,
            -0.20268023,   0.17231977,   -0.0763047636, 0.298695266,  -0.201304764,  0.173695236});
    CHECK(plain.weights().empty());
    const AdditiveAttention causal = additive({.use_causal_mask = true});
    expect(
        [&] {
          return slice(causal(query(), value(), key()), {{0, 1}});
        },
        {1, 3, 4}, f32,
        {-0.375, 0, 0.375, -0.125, -0.117853433, -0.102858618, 0.272141367, -0.227858618, -0.104516916,
         -0.108193226, 0.266806751, -0.233193219});
  }

  TEST_CASE("additive_attention layer: masks and errors") {
    reference();
    const Mode mode;
    const Tensor q = query(), v = value();
    mode.set_mask(q, mask_of({1, 1, 0, 1, 0, 1}, {2, 3}));
    mode.set_mask(v, mask_of({1, 0, 1, 1}, {2, 2}));
    const Tensor y = additive()(q, v, key(), mode);
    const std::vector<double> found = reference_values(y);
    const std::vector<double> expected{
        -0.375, 0, 0.375, -0.125, -0.375,      0,           0.375,        -0.125,
        0,      0, 0,     0,      -0.12839289, 0.246607095, -0.253392905, 0.12160711,
        0,      0, 0,     0,      -0.12685506, 0.248144954, -0.251855046, 0.12314494};
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < 1e-6);
    check_values(mode.mask_of(y), {2, 3}, {1, 1, 0, 1, 0, 1});
    CHECK(error_of([] { AdditiveAttention({.dropout = -1}); }) ==
          "[additive_attention] dropout is -1; it must lie in [0, 1].");
    CHECK(error_of([] {
            AdditiveAttention()(zeros({1, 2, 3}), zeros({1, 2, 4}));
          }) ==
          "[additive_attention] query is f32[1,2,3] and key f32[1,2,4]; they must have the same number of "
          "features.");
    CHECK(error_of([] {
            AdditiveAttention()(zeros({1, 2, 3}), zeros({1, 2, 3}), zeros({1, 4, 3}));
          }) ==
          "[additive_attention] value is f32[1,2,3] and key f32[1,4,3]; they must have the same number of "
          "positions, at least one.");
  }
}

}  // namespace hekla::testing
