// RNN with a cell of the user's own, and layers applied to each time. The numbers are those of Keras 3.15's layers of the
// same names.
#include <doctest/doctest.h>

#include <cmath>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

// tanh(x kernel + h recurrent_kernel).
struct PlainCell {
  std::vector<Shape> state_size() const { return {{2}}; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state, const Mode& mode) const {
    const Tensor seen = of_x(x, mode);
    return {tanh(seen + of_h(state[0], mode))};
  }
  Dense of_x{2, {.use_bias = false, .kernel_initializer = patterned(5, 9)}};
  Dense of_h{2, {.use_bias = false, .kernel_initializer = patterned(3, 7)}};
};

Tensor sequences() { return pattern({2, 4, 3}); }
Tensor times() { return cast(tensor({1.0, 1, 0, 1, 0, 1, 1, 0}, {2, 4}), boolean).detach(); }

void check_rnn(const RNNOptions& options, const Shape& shape, const std::vector<double>& all,
               const std::vector<double>& masked) {
  expect([&] { return RNN(PlainCell(), options)(sequences()); }, shape, f32, all);
  expect([&] { return RNN(PlainCell(), options)(sequences(), {}, times()); }, shape, f32, masked);
}

// Counts the times and remembers the first features that it sees.
struct CountingCell {
  std::vector<Shape> state_size() const { return {{}, {2}}; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state, const Mode&) const {
    return {state[0] + 1, where(expand_dims(state[0] == 0, 1), x, state[1])};
  }
};

struct StatelessCell {
  std::vector<Shape> state_size() const { return {}; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>&, const Mode&) const {
    return {x};
  }
};

// Adds to its state what dropout leaves of x.
struct DroppingCell {
  std::vector<Shape> state_size() const { return {{50}}; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state, const Mode& mode) const {
    return {state[0] + drop(x, mode)};
  }
  Dropout drop{0.5};
};

struct AveragingCell {
  std::vector<Shape> state_size() const { return {{3}}; }
  std::vector<Tensor> operator()(const Tensor& x, const std::vector<Tensor>& state, const Mode& mode) const {
    return {state[0] + average(x, mode)};
  }
  BatchNormalization average{BatchNormalizationOptions{}};
};

struct ForgetfulCell : CountingCell {
  std::vector<Tensor> operator()(const Tensor&, const std::vector<Tensor>& state, const Mode&) const {
    return {state[0]};
  }
};

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("rnn layer: Keras's numbers, with and without a mask") {
    check_rnn({}, {2, 2}, {-0.0353636295, -0.200714722, 0.200348735, -0.0786011368},
              {0.153235659, -0.213223711, 0.151004404, 0.00200738106});
    check_rnn({.return_sequences = true}, {2, 4, 2},
              {0.27406159, -0.108940929, -0.387836486, -0.0176305566, 0.0138263535, -0.122182667,
               -0.0353636295, -0.200714722, -0.185333192, 0.200376719, 0.0974559188, 0.084128581,
               0.0885199457, 0.00510888314, 0.200348735, -0.0786011368},
              {0.27406159, -0.108940929, -0.387836486, -0.0176305566, -0.387836486, -0.0176305566,
               0.153235659, -0.213223711, 0, 0, -0.0468406975, 0.108940929, 0.151004404, 0.00200738106,
               0.151004404, 0.00200738106});
    check_rnn({.return_sequences = true, .go_backwards = true}, {2, 4, 2},
              {0.0156237287, -0.215326339, -0.208503455, -0.0977708772, -0.22042264, -0.0190263446,
               0.34236899, -0.106590256, 0.230175704, -0.0779664442, -0.0217998493, 0.0253653638,
               -0.0291797575, 0.10580682, -0.136031538, 0.187648907},
              {0.0156237287, -0.215326339, 0.0156237287, -0.215326339, -0.338352859, -0.00433418062,
               0.385502815, -0.10840556, 0, 0, 0.0934763029, 0.0156237287, -0.0759233236, 0.10701073,
               -0.0759233236, 0.10701073});
    reference();
    const Tensor zeroed =
        RNN(PlainCell(), {.return_sequences = true, .zero_output_for_mask = true})(sequences(), {}, times());
    check_values(cast(zeroed == 0, f32), {2, 4, 2}, {0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1});
  }

  TEST_CASE("rnn layer: a state in and out, of several tensors") {
    reference();
    expect(
        [] {
          return RNN{PlainCell{}}.run(sequences(), {pattern({2, 2}, 3, 7)}).state[0];
        },
        {2, 2}, f32, {-0.0408256277, -0.200714722, 0.209952921, -0.0786299556});
    reference();
    const Scan result = RNN{CountingCell{}}.run(pattern({1, 3, 2}));
    check_values(result.sequence, {1, 3}, {1, 2, 3});
    check_values(result.state[1], {1, 2}, {-0.625, 0.25});
    // The mask of x counts, and a returned sequence keeps it.
    const Mode mode;
    const Tensor x = sequences();
    mode.set_mask(x, times());
    const Tensor y = RNN(PlainCell(), {.return_sequences = true, .go_backwards = true})(x, mode);
    check_values(mode.mask_of(y), {2, 4}, {1, 0, 1, 1, 0, 1, 1, 0});
  }

  TEST_CASE("rnn layer: in a model, whose weights are those of the cell") {
    reference();
    set_random_seed(1);
    Sequential model({Input({4, 3}), RNN(PlainCell(), {.name = "plain"}), Dense(1)});
    CHECK(described(model.weights()) == std::vector<std::string>{"plain/dense/kernel [3,2]",
                                                                 "plain/dense_1/kernel [2,2]",
                                                                 "dense_2/kernel [2,1]", "dense_2/bias [1]"});
    CHECK(model.summary().find("plain (RNN)") != std::string::npos);
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
    const Tensor x = sequences(), y = tensor({1.0, -1}, {2, 1});
    const double before = model.evaluate(x, y, {.verbose = 0})["loss"];
    model.fit(x, y, {.epochs = 40, .verbose = 0});
    CHECK(model.evaluate(x, y, {.verbose = 0})["loss"] < 0.5 * before);
  }

  TEST_CASE("rnn layer: a cell that drops out does so alike at all times") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const RNN layer{DroppingCell{}};
      const Tensor x = ones({1, 3, 50});
      for (const double sum : layer(x, training()).to_vector<double>()) CHECK((sum == 0 || sum == 6));
      for (const double sum : layer(x).to_vector<double>()) CHECK(sum == 3);
    }
    set_default_device(reference());
  }

  TEST_CASE("rnn layer: errors") {
    reference();
    CHECK(error_of([] { RNN{AveragingCell()}(sequences(), training()); }) ==
          "[rnn] the cell updates rnn/batch_normalization/moving_mean f32[3], a state of a layer of its own; "
          "keep it in the "
          "cell's state.");
    CHECK(error_of([] { RNN{StatelessCell{}}; }) ==
          "[rnn] the cell has no state; it must have at least one tensor, its output.");
    CHECK(error_of([] {
            RNN{PlainCell{}}(zeros({2, 3}));
          }) == "[rnn] takes [batch, time, ..] with features and at least one time, not f32[2,3].");
    CHECK(error_of([] {
            RNN{PlainCell{}}.run(sequences(), {zeros({2, 2}), zeros({2, 2})});
          }) == "[rnn] the state holds 2 tensors; it must hold 1.");
    CHECK(error_of([] {
            RNN{PlainCell{}}.run(sequences(), {zeros({2, 3})});
          }) == "[rnn] the state holds f32[2,3]; it must be f32[2,2].");
    CHECK(error_of([] { RNN{ForgetfulCell{}}(pattern({1, 3, 2})); }).starts_with("[scan] "));
    CHECK(error_of([] {
            RNN{PlainCell{}}(sequences(), {}, zeros({2, 3}, boolean));
          }).starts_with("[scan] the mask"));
  }

  TEST_CASE("time distributed layer: Keras's numbers") {
    reference();
    check_values(
        TimeDistributed(Conv2D(1, 2, {}, {.kernel_initializer = patterned(5, 9)}))(pattern({1, 2, 3, 2, 1})),
        {1, 2, 2, 1, 1}, {0.59375, 0.0625, 0.03125, 0.1875});
    check_values(TimeDistributed(GlobalAveragePooling1D())(pattern({1, 2, 3, 2})), {1, 2, 2},
                 {-0.25, 0.5 / 3, -0.125 / 3, -0.25 / 3});
    // A function is a layer, too.
    check_values(TimeDistributed([](const Tensor& x) { return sum(x, {1}); })(pattern({1, 2, 2})), {1, 2},
                 {-0.375, 0.375});
  }

  TEST_CASE("time distributed layer: weights, masks, errors") {
    reference();
    Sequential model(
        {Input({2, 3}), TimeDistributed(Dense(4)), TimeDistributed(Dropout(0.5), {.name = "drop"})});
    CHECK(described(model.weights()) ==
          std::vector<std::string>{"time_distributed/dense/kernel [3,4]", "time_distributed/dense/bias [4]"});
    for (const char* text :
         {"time_distributed", "(TimeDistributed)", "drop (TimeDistributed)", "(None, 2, 4)"})
      CHECK(model.summary().find(text) != std::string::npos);
    const Mode mode;
    const Tensor x = sequences();
    mode.set_mask(x, times());
    check_values(mode.mask_of(TimeDistributed(Dense(1))(x, mode)), {2, 4}, {1, 1, 0, 1, 0, 1, 1, 0});
    const TimeDistributed drop(Dropout(0.5));
    CHECK(reference_values(drop(x)) == reference_values(x));
    CHECK(reference_values(drop(x, training())) != reference_values(x));
    CHECK(error_of([] {
            TimeDistributed(Dense(1))(zeros({2, 3}));
          }) == "[time_distributed] takes [batch, time, ..] with the features of each time, not f32[2,3].");
    CHECK(error_of([] {
            TimeDistributed([](const Tensor& in) { return sum(in); })(zeros({2, 3, 4}));
          }) == "[time_distributed] the layer makes f32[] of 6 examples; it must give one for each.");
  }
}

}  // namespace hekla::testing
