// Convolutional LSTMs. The numbers are those of Keras 3.15's layers.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

Tensor lines() { return pattern({1, 3, 4, 2}); }
Tensor images() { return pattern({1, 3, 3, 4, 1}); }

ConvLSTMOptions filled(ConvLSTMOptions options) {
  options.kernel_initializer = patterned(7, 11);
  options.recurrent_initializer = patterned(5, 9);
  options.bias_initializer = patterned(3, 7);
  options.unit_forget_bias = false;
  return options;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("conv_lstm layers: padding, strides, dilation and directions") {
    const ConvLSTM1D same(1, 3, filled({.padding = "same", .return_sequences = true}));
    const std::vector<double> sequence{0.0797721297, 0.169635385, 0.0595610477,  0.0123251872,
                                       0.201563954,  0.139504641, 0.0164337102,  0.0274339262,
                                       0.246836215,  0.125008166, -0.0296013169, 0.131925166};
    expect([&] { return same(lines()); }, {1, 3, 4, 1}, f32, sequence);
    CHECK(described(same.weights()) == std::vector<std::string>{"conv_lstm1d/kernel [3,2,4]",
                                                                "conv_lstm1d/recurrent_kernel [3,1,4]",
                                                                "conv_lstm1d/bias [4]"});
    expect([] { return ConvLSTM1D(1, 2, filled({.strides = 2}))(lines()); }, {1, 2, 1}, f32,
           {0.117846139, 0.132797509});
    expect(
        [] {
          return ConvLSTM1D(
              1, 2, filled({.dilation_rate = 2, .return_sequences = true, .go_backwards = true}))(lines());
        },
        {1, 3, 2, 1}, f32, {0.0786221772, 0.0948945209, 0.104718126, 0.0435382575, 0.103862569, 0.101136483});
  }

  TEST_CASE("conv_lstm layers: masks of times") {
    reference();
    const ConvLSTM1D layer(1, 3, filled({.padding = "same", .return_sequences = true}));
    const Tensor x = lines(), times = cast(tensor({1.0, 0, 1}, {1, 3}), boolean).detach();
    const std::vector<double> masked{0.0797721297, 0.169635385, 0.0595610477,  0.0123251872,
                                     0.0797721297, 0.169635385, 0.0595610477,  0.0123251872,
                                     0.189732105,  0.138574615, 0.00144909055, 0.117829688};
    check_values(layer(x, {}, times), {1, 3, 4, 1}, masked);
    const Mode mode;
    mode.set_mask(x, times);
    const Tensor y = layer(x, mode);
    check_values(y, {1, 3, 4, 1}, masked);
    check_values(mode.mask_of(y), {1, 3}, {1, 0, 1});
  }

  TEST_CASE("conv_lstm layers: two and three axes, a state in and out") {
    const ConvLSTM2D layer(2, {2, 3},
                           filled({.activation = "softsign", .recurrent_activation = "hard_sigmoid"}));
    expect([&] { return layer(images()); }, {1, 2, 2, 2}, f32,
           {0.103627533, -0.0788397416, 0.0290689878, -0.0982677713, -0.0118124755, -0.0742381513,
            0.0243779607, -0.0612851754});
    expect(
        [] {
          return ConvLSTM3D(1, 2, filled({}))(pattern({1, 2, 2, 3, 2, 1}));
        },
        {1, 1, 2, 1, 1}, f32, {0.124903694, 0.177826703});
    reference();
    check_values(layer.run(images()).state[1], {1, 2, 2, 2},
                 {0.242945537, -0.218417227, 0.0493401811, -0.289190114, -0.0185971707, -0.231029838,
                  0.0548825674, -0.175818533});
    const Scan from = layer.run(images(), {pattern({1, 2, 2, 2}, 3, 7), pattern({1, 2, 2, 2}, 5, 7)});
    check_values(from.state[0], {1, 2, 2, 2},
                 {0.0817927569, -0.0774482787, 0.0452632904, -0.103809595, 0.017696796, -0.0638453215,
                  0.0148567315, -0.0642229989});
  }

  TEST_CASE("conv_lstm layers: in a model that is trained, with dropout") {
    reference();
    set_random_seed(2);
    Sequential model({Input({3, 3, 4, 1}), ConvLSTM2D(2, 2, {.dropout = 0.1, .recurrent_dropout = 0.1}),
                      Flatten(), Dense(1)});
    CHECK(described(model.weights())[1] == "conv_lstm2d/bias [8]");
    check_values(model.weights()[1], {8}, {0, 0, 1, 1, 0, 0, 0, 0});
    const Tensor x = pattern({4, 3, 3, 4, 1}, 7, 23), y = tensor({1.0, -1, 1, -1}, {4, 1});
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
    const double before = model.evaluate(x, y, {.verbose = 0})["loss"];
    model.fit(x, y, {.epochs = 30, .verbose = 0});
    CHECK(model.evaluate(x, y, {.verbose = 0})["loss"] < 0.5 * before);
  }

  TEST_CASE("conv_lstm layers: errors") {
    reference();
    CHECK(error_of([] { ConvLSTM2D(0, 3); }) == "[conv_lstm2d] 0 filters; at least one is needed.");
    CHECK(error_of([] { ConvLSTM2D(1, 3, {.strides = 2, .dilation_rate = 3}); }) ==
          "[conv_lstm2d] strides of 2 with a dilation_rate of 3; one of them must be 1.");
    CHECK(error_of([] { ConvLSTM1D(1, 3, {.padding = "causal"}); }) ==
          "[conv_lstm1d] padding is causal; it must be valid or same.");
    CHECK(error_of([] { ConvLSTM1D(1, 3, {.recurrent_dropout = 2}); }) ==
          "[conv_lstm1d] recurrent_dropout is 2; it must lie in [0, 1].");
    CHECK(error_of([] {
            ConvLSTM2D(1, 3)(zeros({2, 3, 4, 1}));
          }) ==
          "[conv_lstm2d] takes [batch, time, 2 spatial, channels] with at least one time, not f32[2,3,4,1].");
    CHECK(error_of([] { ConvLSTM1D(1, 5)(lines()); }).starts_with("[conv_lstm1d] "));
    CHECK(error_of([] {
            ConvLSTM1D(1, 3).run(lines(), {zeros({1, 4, 1}), zeros({1, 4, 1})});
          }) == "[conv_lstm1d] the state holds f32[1,4,1]; it must be f32[1,2,1].");
  }
}

}  // namespace hekla::testing
