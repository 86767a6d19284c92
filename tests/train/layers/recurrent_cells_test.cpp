// Cells on their own, inside of an RNN and stacked. The numbers are those of Keras 3.15's layers of the same names.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

using Tensors = std::vector<Tensor>;

Tensor x() { return pattern({2, 3}); }
Tensor h() { return pattern({2, 2}, 3, 7); }
Tensor c() { return pattern({2, 2}, 5, 7); }
Tensor sequences() { return pattern({2, 4, 3}); }
Tensor times() { return cast(tensor({1.0, 1, 0, 1, 0, 1, 1, 0}, {2, 4}), boolean).detach(); }

template <class Options>
Options filled(Options options = {}) {
  options.kernel_initializer = patterned(7, 11);
  options.recurrent_initializer = patterned(5, 9);
  options.bias_initializer = patterned(3, 7);
  options.unit_forget_bias = false;
  return options;
}

RecurrentCellOptions cell_options(RecurrentCellOptions options = {}) { return filled(std::move(options)); }

// The sequence that a cell gives, with a mask and without.
template <class Cell>
void check_sequence(const Cell& cell, const std::vector<double>& all, const std::vector<double>& masked) {
  const RNN layer(cell, {.return_sequences = true});
  expect([&] { return layer(sequences()); }, {2, 4, 2}, f32, all);
  expect([&] { return layer(sequences(), {}, times()); }, {2, 4, 2}, f32, masked);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("cells: the next state") {
    expect([] { return SimpleRNNCell(2, cell_options({.activation = "relu"}))(x(), {h()})[0]; }, {2, 2}, f32,
           {0.109375, 0.046875, 0, 0.390625});
    const LSTMCell lstm(2, cell_options());
    expect(
        [&] {
          return lstm(x(), {h(), c()})[0];
        },
        {2, 2}, f32, {-0.0651706383, 0.00157239183, 0.0181033183, -0.131442234});
    expect(
        [&] {
          return lstm(x(), {h(), c()})[1];
        },
        {2, 2}, f32, {-0.120631568, 0.00441965461, 0.027502127, -0.309758514});
    expect([] { return GRUCell(2, cell_options())(x(), {h()})[0]; }, {2, 2}, f32,
           {-0.137924388, -0.151509225, 0.347187638, -0.283178657});
    CHECK(described(lstm.weights()) == std::vector<std::string>{"lstm_cell/kernel [3,8]",
                                                                "lstm_cell/recurrent_kernel [2,8]",
                                                                "lstm_cell/bias [8]"});
    // An empty state is zeros.
    CHECK(reference_values(lstm(x())[0]) == reference_values(lstm(x(), {zeros({2, 2}), zeros({2, 2})})[0]));
  }

  TEST_CASE("cells: other activations, and a reset before the product") {
    const RecurrentCellOptions hard{.activation = "softsign", .recurrent_activation = "hard_sigmoid"};
    const LSTMCell lstm(2, cell_options(hard));
    expect(
        [&] {
          return lstm(x(), {h(), c()})[0];
        },
        {2, 2}, f32, {-0.0596402809, 0.00998282712, 0.0179538578, -0.0962180942});
    expect(
        [&] {
          return lstm(x(), {h(), c()})[1];
        },
        {2, 2}, f32, {-0.127163276, 0.0255276859, 0.0303571429, -0.265711278});
    const GRUCell before(
        2,
        cell_options({.activation = "relu", .recurrent_activation = "hard_sigmoid", .reset_after = false}));
    expect([&] { return before(x(), {h()})[0]; }, {2, 2}, f32,
           {-0.0731461793, 0, 0.392037094, -0.0673828125});
    CHECK(described(before.weights()).back() == "gru_cell/bias [6]");
    const GRUCell bare(2, cell_options({.activation = "relu", .use_bias = false, .reset_after = false}));
    expect([&] { return bare(x(), {h()})[0]; }, {2, 2}, f32, {-0.234674603, 0, 0.236410469, -0.0697908774});
  }

  TEST_CASE("recurrent layers: other activations") {
    RecurrentOptions options = filled(RecurrentOptions{
        .activation = "softsign", .recurrent_activation = "hard_sigmoid", .return_sequences = true});
    expect([&] { return LSTM(2, options)(sequences()); }, {2, 4, 2}, f32,
           {0.0300935246, -0.00888676289, 0.0560942069, -0.0619121045, 0.0497956499, -0.0764782429,
            0.0275807455, -0.0750621036, 0.0492088161, -0.0578939803, 0.0644418523, -0.0667355135,
            0.0658046529, -0.0571447425, 0.0587467626, -0.0377404243});
    options.activation = "relu";
    options.reset_after = false;
    expect([&] { return GRU(2, options)(sequences()); }, {2, 4, 2}, f32,
           {0.11413575, 0, 0.32308203, 0, 0.415150642, 0, 0.471202701, 0, 0.0455729216, 0.064453125,
            0.0904908627, 0.126816899, 0.134842589, 0.188943028, 0.178734452, 0.251512319});
  }

  TEST_CASE("cells: inside of an rnn layer, which is the layer of that name") {
    check_sequence(LSTMCell(2, cell_options()),
                   {0.0367576629, -0.00848716684, 0.0712103173, -0.0878983214, 0.0586999282, -0.110629886,
                    0.0294775348, -0.105703793, 0.0620067976, -0.084902823, 0.0812208727, -0.093107067,
                    0.0816665217, -0.0727371946, 0.0711561143, -0.0433066562},
                   {0.0367576629, -0.00848716684, 0.0712103173, -0.0878983214, 0.0712103173, -0.0878983214,
                    0.0359149091, -0.0911514089, 0, 0, 0.0547382347, -0.058831621, 0.069305405, -0.0588070825,
                    0.069305405, -0.0588070825});
    check_sequence(GRUCell(2, cell_options()),
                   {0.0730917081, -0.107601807, 0.265645504, -0.31528002, 0.340469539, -0.338219106,
                    0.386612087, -0.310643613, -0.00525669008, 0.16450122, 0.0296196975, 0.233689323,
                    0.0721676946, 0.286955297, 0.115989633, 0.336076617},
                   {0.0730917081, -0.107601807, 0.265645504, -0.31528002, 0.265645504, -0.31528002,
                    0.367595673, -0.314425349, 0, 0, 0.0224112719, 0.194836617, 0.0678810701, 0.275077462,
                    0.0678810701, 0.275077462});
    reference();
    const RNNOptions order{.return_sequences = true, .go_backwards = true};
    const RecurrentOptions options = filled(RecurrentOptions{.return_sequences = true, .go_backwards = true});
    const std::vector<double> of_layer = reference_values(SimpleRNN(2, options)(sequences()));
    const std::vector<double> of_cell =
        reference_values(RNN(SimpleRNNCell(2, cell_options()), order)(sequences()));
    for (std::size_t i = 0; i < of_layer.size(); ++i)
      CHECK(of_cell[i] == doctest::Approx(of_layer[i]).epsilon(1e-6));
  }

  TEST_CASE("cells: stacked") {
    const StackedRNNCells cells({LSTMCell(2, cell_options()), GRUCell(1, cell_options())});
    CHECK(cells.state_size().size() == 3);
    CHECK(cells.output_index() == 2);
    const RNN layer(cells, {.return_sequences = true});
    expect([&] { return layer(sequences()); }, {2, 4, 1}, f32,
           {0.140965477, 0.189730629, 0.207207128, 0.214308918, 0.157971993, 0.192872316, 0.194496363,
            0.189391494});
    reference();
    const Scan all = layer.run(sequences());
    check_values(slice(all.state[0], {{0, 1}}), {1, 2}, {0.0294775348, -0.105703793});
    check_values(slice(all.state[1], {{0, 1}}), {1, 2}, {0.0460777692, -0.288360655});
    check_values(all.state[2], {2, 1}, {0.214308918, 0.189391494});
    // A state of the caller's goes in as it came out.
    const Scan first = layer.run(slice(sequences(), {{}, {.stop = 2}}));
    const Scan second = layer.run(slice(sequences(), {{}, {.start = 2}}), first.state);
    check_values(second.state[2], {2, 1}, {0.214308918, 0.189391494});
    const RNN last(cells);
    check_values(last(sequences()), {2, 1}, {0.214308918, 0.189391494});
  }

  TEST_CASE("cells: in a model, which saves and loads their weights") {
    reference();
    set_random_seed(3);
    const auto made = [] {
      return Sequential({Input({4, 3}), RNN(StackedRNNCells({LSTMCell(3), SimpleRNNCell(2)})), Dense(1)});
    };
    Sequential model = made(), other = made();
    CHECK(described(model.weights())[3] == "rnn/stacked_rnn_cells/simple_rnn_cell/kernel [3,2]");
    const test::TemporaryFolder folder;
    model.save_weights(folder.path() / "cells.safetensors");
    other.load_weights(folder.path() / "cells.safetensors");
    // A file holds f32, the reference device more.
    check_values(other(sequences()) - model(sequences()), {2, 1}, {0, 0});
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
    const Tensor y = tensor({1.0, -1}, {2, 1});
    const double before = model.evaluate(sequences(), y, {.verbose = 0})["loss"];
    model.fit(sequences(), y, {.epochs = 40, .verbose = 0});
    CHECK(model.evaluate(sequences(), y, {.verbose = 0})["loss"] < 0.5 * before);
  }

  TEST_CASE("cells: dropout leaves the same features and units out at all times") {
    reference();
    const auto identical = [](const Shape& shape, const RandomKey&) { return eye(shape[0]); };
    const RNN inputs(SimpleRNNCell(50, {.activation = "linear",
                                        .kernel_initializer = identical,
                                        .recurrent_initializer = identical,
                                        .dropout = 0.5}));
    for (const double sum : inputs(ones({1, 3, 50}), training()).to_vector<double>())
      CHECK((sum == 0 || sum == 6));
    for (const double sum : inputs(ones({1, 3, 50})).to_vector<double>()) CHECK(sum == 3);
    const RNN units(SimpleRNNCell(50, {.activation = "linear",
                                       .kernel_initializer = identical,
                                       .recurrent_initializer = identical,
                                       .recurrent_dropout = 0.5}));
    // h' = 1 + 2 h or h' = 1.
    for (const double sum : units(ones({1, 3, 50}), training()).to_vector<double>())
      CHECK((sum == 1 || sum == 7));
  }

  TEST_CASE("cells: errors") {
    reference();
    CHECK(error_of([] { LSTMCell(0); }) == "[lstm_cell] 0 units; at least one is needed.");
    CHECK(error_of([] { GRUCell(2, {.dropout = 2}); }) == "[gru_cell] dropout is 2; it must lie in [0, 1].");
    CHECK(error_of([] { SimpleRNNCell(2)(zeros({3})); }) ==
          "[simple_rnn_cell] takes [batch, features], not f32[3].");
    CHECK(error_of([] {
            LSTMCell(2)(zeros({3, 4}), {zeros({3, 2})});
          }) == "[lstm_cell] the state holds 1 tensors; it must hold 2.");
    CHECK(error_of([] {
            GRUCell(2)(zeros({3, 4}), {zeros({3, 4})});
          }) == "[gru_cell] the state holds f32[3,4]; it must be f32[3,2].");
    CHECK(error_of([] { StackedRNNCells({}); }) == "[stacked_rnn_cells] no cells; at least one is needed.");
    CHECK(error_of([] {
            StackedRNNCells({GRUCell(2)})(zeros({3, 4}), {});
          }) == "[stacked_rnn_cells] the state holds 0 tensors; it must hold 1.");
  }
}

}  // namespace hekla::testing
