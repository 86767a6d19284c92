// Embeddings and recurrent layers, the latter against PyTorch's over the same numbers.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;

Tensor sentence() { return tensor({0.5, -1, 1, 0.25, -0.75, 2}, {1, 3, 2}); }

RecurrentOptions filled(RecurrentOptions options) {
  options.kernel_initializer = patterned(7, 11);
  options.recurrent_initializer = patterned(5, 9);
  options.bias_initializer = patterned(3, 7);
  options.unit_forget_bias = false;
  options.return_sequences = true;
  return options;
}

const std::vector<double> lstm_backwards{0.120050219,  -0.127285444, 0.112063553,
                                         -0.199324113, 0.0374504795, -0.150546997};

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("embedding layer") {
    reference();
    const Embedding layer(4, 2, {.embeddings_initializer = patterned()});
    const Tensor words = tensor(std::vector<std::int32_t>{3, 0, 9}, {1, 3});
    check_values(layer(words), {1, 3, 2}, {-0.125, 0.5, -0.5, 0.125, -0.125, 0.5});
    check_values(layer(cast(words, u8)), {1, 3, 2}, {-0.125, 0.5, -0.5, 0.125, -0.125, 0.5});
    CHECK(described(layer.weights()) == Strings{"embedding/embeddings [4,2]"});
    const Embedding drawn(50, 4);
    drawn(words);
    for (const double element : reference_values(drawn.weights()[0])) {
      CHECK(element >= -0.05);
      CHECK(element < 0.05);
    }
    CHECK(error_of([] { Embedding(0, 2); }) ==
          "[embedding] 0 rows of 2 features; both numbers must be positive.");
    CHECK(error_of([] {
            Embedding(4, 2, {.name = "words"})(zeros({1, 3}));
          }) == "[words] takes integers, not f32[1,3] (see hk::cast).");
  }

  TEST_CASE("lstm layer") {
    expect([] { return LSTM(2, filled({}))(sentence()); }, {1, 3, 2}, f32,
           {0.0123836145, -0.0305678104, 0.0768426133, -0.156574149, 0.151107871, -0.144184893});
    const LSTM layer(2, filled({.go_backwards = true}));
    check_values(layer(sentence()), {1, 3, 2}, lstm_backwards);
    CHECK(described(layer.weights()) ==
          Strings{"lstm/kernel [2,8]", "lstm/recurrent_kernel [2,8]", "lstm/bias [8]"});
    RecurrentOptions last = filled({});
    last.return_sequences = false;
    check_values(LSTM(2, last)(sentence()), {1, 2}, {0.151107871, -0.144184893});
  }

  TEST_CASE("lstm layer: a state in and out") {
    reference();
    const LSTM layer(2, filled({}));
    const Scan all = layer.run(sentence());
    check_values(all.state[0], {1, 2}, {0.151107871, -0.144184893});
    check_values(all.state[1], {1, 2}, {0.213828412, -0.307720809});
    const Scan first = layer.run(slice(sentence(), {{}, {.stop = 2}}));
    const Scan second = layer.run(slice(sentence(), {{}, {.start = 2}}), first.state);
    check_values(second.state[1], {1, 2}, {0.213828412, -0.307720809});
  }

  TEST_CASE("lstm layer: how the weights start") {
    reference();
    const LSTM layer(3);
    layer(zeros({1, 1, 2}));
    check_values(layer.weights()[2], {12}, {0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0});
    // The rows of the recurrent kernel are orthonormal.
    const Tensor kernel = layer.weights()[1];
    check_values(matmul(kernel, transpose(kernel)), {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
    const LSTM bare(3, {.use_bias = false});
    bare(zeros({1, 1, 2}));
    CHECK(bare.weights().size() == 2);
  }

  TEST_CASE("gru layer: reset after the product and before it") {
    reference();
    const GRU after(2, filled({}));
    check_values(after(sentence()), {1, 3, 2},
                 {0.251697401, 0.176121851, 0.256668029, -0.174553556, 0.151069643, -0.540373435});
    CHECK(described(after.weights()) ==
          Strings{"gru/kernel [2,6]", "gru/recurrent_kernel [2,6]", "gru/bias [2,6]"});
    check_values(GRU(2, filled({.go_backwards = true}))(sentence()), {1, 3, 2},
                 {-0.0323593143, -0.500810249, 0.153280783, -0.455554754, 0.249995726, 0.096957629});
    const GRU before(2, filled({.reset_after = false}));
    check_values(before(sentence()), {1, 3, 2},
                 {0.315383517, 0.0868824669, 0.306843325, -0.213813819, 0.18470962, -0.550415091});
    CHECK(described(before.weights()).back() == "gru/bias [6]");
  }

  TEST_CASE("simple_rnn layer") {
    reference();
    RecurrentOptions options = filled({});
    options.bias_initializer = given({0.5, -0.25});
    const SimpleRNN layer(2, options);
    check_values(layer(sentence()), {1, 3, 2},
                 {0.411570056, -0.635148952, -0.153872228, 0.0488700578, 0.483360356, 0.667091189});
    CHECK(described(layer.weights()) ==
          Strings{"simple_rnn/kernel [2,2]", "simple_rnn/recurrent_kernel [2,2]", "simple_rnn/bias [2]"});
    const SimpleRNN sums(1, "linear", {.kernel_initializer = "ones", .recurrent_initializer = "ones"});
    check_values(sums(counted({1, 4, 1})), {1, 1}, {6});
  }

  TEST_CASE("bidirectional layer") {
    reference();
    const Bidirectional layer(LSTM(2, filled({})));
    const Tensor y = layer(sentence());
    check_values(y, {1, 3, 4},
                 {0.0123836145, -0.0305678104, lstm_backwards[4], lstm_backwards[5], 0.0768426133,
                  -0.156574149, lstm_backwards[2], lstm_backwards[3], 0.151107871, -0.144184893,
                  lstm_backwards[0], lstm_backwards[1]});
    CHECK(described(layer.weights()) ==
          Strings{
              "bidirectional/forward_lstm/kernel [2,8]", "bidirectional/forward_lstm/recurrent_kernel [2,8]",
              "bidirectional/forward_lstm/bias [8]", "bidirectional/backward_lstm/kernel [2,8]",
              "bidirectional/backward_lstm/recurrent_kernel [2,8]", "bidirectional/backward_lstm/bias [8]"});
    const auto merged = [](const std::string& mode) {
      RecurrentOptions ones{.kernel_initializer = "ones", .recurrent_initializer = "zeros"};
      return Bidirectional(SimpleRNN(1, "linear", ones), {.merge_mode = mode})(tensor({2.0, 5}, {1, 2, 1}));
    };
    check_values(merged("concat"), {1, 2}, {5, 2});
    check_values(merged("sum"), {1, 1}, {7});
    check_values(merged("mul"), {1, 1}, {10});
    check_values(merged("ave"), {1, 1}, {3.5});
    const Sequential two({Bidirectional(GRU(2, {.return_sequences = true})), Bidirectional(GRU(2))});
    CHECK(two(zeros({2, 3, 1})).shape() == Shape{2, 4});
  }

  TEST_CASE("recurrent layers: dropout leaves the same features away at all times") {
    reference();
    const SimpleRNN layer(
        64, "linear",
        {.kernel_initializer = [](const Shape& shape, const RandomKey&) { return eye(shape[0]); },
         .recurrent_initializer = "zeros",
         .dropout = 0.5,
         .return_sequences = true});
    const Tensor x = ones({1, 3, 64});
    CHECK(reference_values(layer(x)) == std::vector<double>(3 * 64, 1.0));
    const std::vector<double> y = reference_values(layer(x, training()));
    double total = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      CHECK((y[i] == 0 || y[i] == 2));
      CHECK(y[i] == y[64 + i]);
      CHECK(y[i] == y[128 + i]);
      total += y[i];
    }
    CHECK(total / 64 == doctest::Approx(1).epsilon(0.4));
  }

  TEST_CASE("recurrent layers: recurrent dropout leaves the same units out of each product") {
    reference();
    // With one unit, dropout at a rate of 1/2 scales the recurrent kernel by 0 or by 2.
    const auto run = [](int cell, double factor, double rate, const Mode& mode) {
      const Initializer scaled = [factor](const Shape& shape, const RandomKey&) {
        return pattern(shape, 5, 9) * factor;
      };
      RecurrentOptions options = filled({.recurrent_dropout = rate, .reset_after = cell != 2});
      options.recurrent_initializer = scaled;
      const Tensor x = pattern({24, 4, 2});
      const Tensor y = cell == 0   ? SimpleRNN(1, "tanh", options)(x, mode)
                       : cell == 1 ? LSTM(1, options)(x, mode)
                                   : GRU(1, options)(x, mode);
      return reference_values(y);
    };
    for (const int cell : {0, 1, 2, 3}) {
      CAPTURE(cell);
      CHECK(run(cell, 1, 0.5, {}) == run(cell, 1, 0, {}));
      const std::vector<double> found = run(cell, 1, 0.5, training());
      const std::vector<double> without = run(cell, 0, 0, {}), twice = run(cell, 2, 0, {});
      int left_out = 0;
      for (std::size_t sample = 0; sample < 24; ++sample) {
        const auto is = [&](const std::vector<double>& expected) {
          bool equal = true;
          for (std::size_t i = 4 * sample; i < 4 * sample + 4; ++i)
            equal &= std::abs(found[i] - expected[i]) < 1e-9;
          return equal;
        };
        CHECK((is(without) || is(twice)));
        left_out += is(without) ? 1 : 0;
      }
      CHECK(left_out > 5);
      CHECK(left_out < 19);
    }
  }

  TEST_CASE("recurrent layers: errors") {
    reference();
    CHECK(error_of([] { LSTM(0); }) == "[lstm] 0 units; at least one is needed.");
    CHECK(error_of([] { GRU(2, {.name = "memory", .dropout = 2}); }) ==
          "[memory] dropout is 2; it must lie in [0, 1].");
    CHECK(error_of([] { GRU(2, {.recurrent_dropout = -1}); }) ==
          "[gru] recurrent_dropout is -1; it must lie in [0, 1].");
    CHECK(error_of([] {
            GRU(2)(zeros({3, 4}));
          }) == "[gru] takes [batch, time, features] with at least one time, not f32[3,4].");
    CHECK(error_of([] {
            SimpleRNN(2)(zeros({3, 0, 4}));
          }) == "[simple_rnn] takes [batch, time, features] with at least one time, not f32[3,0,4].");
    CHECK(error_of([] {
            LSTM(2).run(zeros({3, 1, 4}), {zeros({3, 2})});
          }) == "[lstm] the state holds 1 tensors; it must hold 2.");
    CHECK(error_of([] {
            GRU(2).run(zeros({3, 1, 4}), {zeros({3, 4})});
          }) == "[gru] the state holds f32[3,4]; it must be f32[3,2].");
    CHECK(error_of([] { Bidirectional(LSTM(2), {.merge_mode = "max"}); }) ==
          "[bidirectional] merge_mode 'max' is unknown; choose one of concat, sum, mul, ave.");
  }
}

}  // namespace hekla::testing
