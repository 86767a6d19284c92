// Recurrent cells against numbers from loops over their definitions.
#include "ops/nn/recurrent.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

Tensor pattern(const Shape& shape, std::int64_t factor, std::int64_t range) {
  std::vector<double> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    elements.push_back(static_cast<double>(i * factor % range - range / 2) / 8);
  }
  return tensor(elements, shape);
}

Tensor kernel(std::int64_t gates) { return pattern({2, 2 * gates}, 7, 11); }
Tensor recurrent_kernel(std::int64_t gates) { return pattern({2, 2 * gates}, 5, 9); }
Tensor sentence() { return tensor({0.5, -1, 1, 0.25, -0.75, 2}, {1, 3, 2}); }
LstmState state() { return {tensor({0.5, -0.25}, {1, 2}), tensor({0.25, 1}, {1, 2})}; }

Scan through_lstm() { return lstm(sentence(), kernel(4), recurrent_kernel(4), pattern({8}, 3, 7), state()); }
const std::vector<double> lstm_sequence = {0.03428243352, 0.2875495345, 0.1105272769,
                                           0.03341596564, 0.1756534386, -0.1177712416};
const std::vector<double> gru_sequence = {0.3064770182,  0.1659094563, 0.2681188231,
                                          -0.1724821379, 0.1590170869, -0.5385874141};

std::vector<double> first_two(const std::vector<double>& numbers) { return {numbers[0], numbers[1]}; }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("lstm: Keras's gates i, f, g, o") {
    expect([] { return through_lstm().sequence; }, {1, 3, 2}, f32, lstm_sequence);
    expect([] { return through_lstm().state[0]; }, {1, 2}, f32, {0.1756534386, -0.1177712416});
    expect([] { return through_lstm().state[1]; }, {1, 2}, f32, {0.2451517059, -0.2496367043});
    expect(
        [] {
          return lstm(sentence(), kernel(4), recurrent_kernel(4), pattern({8}, 3, 7), {},
                      {.go_backwards = true})
              .sequence;
        },
        {1, 3, 2}, f32,
        {0.1200502186, -0.1272854438, 0.1120635529, -0.1993241132, 0.03745047954, -0.1505469966});
    expect(
        [] {
          return lstm_cell(tensor({0.5, -1}, {1, 2}), state(), kernel(4), recurrent_kernel(4),
                           pattern({8}, 3, 7))
              .h;
        },
        {1, 2}, f32, first_two(lstm_sequence));
  }

  TEST_CASE("gru: Keras's gates z, r, g, reset after the product") {
    const auto bias = [] { return pattern({2, 6}, 3, 7); };
    const auto h = [] { return tensor({0.5, -0.25}, {1, 2}); };
    expect([&] { return gru(sentence(), kernel(3), recurrent_kernel(3), bias(), h()).sequence; }, {1, 3, 2},
           f32, gru_sequence);
    expect(
        [&] {
          return gru_cell(tensor({0.5, -1}, {1, 2}), h(), kernel(3), recurrent_kernel(3), bias());
        },
        {1, 2}, f32, first_two(gru_sequence));
  }

  TEST_CASE("scan: the sequence of states and the last one") {
    const auto sums = [](const SequenceOptions& options) {
      return scan(
          [](const Tensor& x, const std::vector<Tensor>& state) {
            return std::vector<Tensor>{state[0] + x, state[1] * 2};
          },
          tensor({1.0, 2, 3, 10, 20, 30}, {2, 3}), {zeros({2}), ones({2})}, options);
    };
    expect([&] { return sums({}).sequence; }, {2, 3}, f32, {1, 3, 6, 10, 30, 60});
    expect([&] { return sums({.go_backwards = true}).sequence; }, {2, 3}, f32, {3, 5, 6, 30, 50, 60});
    expect([&] { return sums({}).state[0]; }, {2}, f32, {6, 60});
    expect([&] { return sums({}).state[1]; }, {2}, f32, {8, 8});
  }

  TEST_CASE("recurrent cells: errors") {
    reference();
    CHECK(error_of([] {
            lstm_gates(zeros({2, 6}), zeros({2, 1}));
          }) == "[lstm_gates] z is f32[2,6]; it must be f32 [.., 4 units].");
    CHECK(error_of([] {
            lstm_gates(zeros({2, 8}), zeros({2, 3}));
          }) == "[lstm_gates] c is f32[2,3]; it must be f32[2,2].");
    CHECK(error_of([] {
            simple_rnn_cell(zeros({2, 3}), zeros({2, 4}), zeros({3, 4}), zeros({4}));
          }) == "[simple_rnn_cell] recurrent_kernel is f32[4]; it must be f32 [units, units].");
    CHECK(error_of([] {
            gru_cell(zeros({2, 3}), zeros({2, 4}), zeros({3, 12}), zeros({4, 12}), zeros({2, 12}),
                     {.reset_after = false});
          }) == "[gru_cell] bias is f32[2,12]; it must be f32[12].");
    CHECK(error_of([] {
            simple_rnn(zeros({2, 3, 3}), zeros({3, 4}), zeros({4, 4}), {}, {}, {},
                       {.recurrent_mask = zeros({2, 3})});
          }) == "[simple_rnn] recurrent_mask is f32[2,3]; it must be f32[2,4].");
    const Tensor x = zeros({2, 3, 4}), k = zeros({4, 20}), r = zeros({5, 20});
    CHECK(error_of([&] {
            lstm(zeros({2, 4}), k, r);
          }) == "[lstm] x is f32[2,4]; it must be f32 [batch, time, features] with at least one time.");
    CHECK(error_of([&] {
            lstm(x, zeros({3, 20}), r);
          }) == "[lstm] kernel is f32[3,20]; it must be f32[4,20].");
    CHECK(error_of([&] {
            lstm(x, k, zeros({5, 15}));
          }) == "[lstm] recurrent_kernel is f32[5,15]; it must be f32[5,20].");
    CHECK(error_of([&] {
            lstm(x, k, r, {}, {}, {}, {.recurrent_mask = zeros({3, 5})});
          }) == "[lstm] recurrent_mask is f32[3,5]; it must be f32[2,5].");
    CHECK(error_of([&] {
            gru(x, zeros({4, 15}), zeros({5, 15}), {}, {}, {}, {.recurrent_mask = zeros({2, 1})});
          }) == "[gru] recurrent_mask is f32[2,1]; it must be f32[2,5].");
    CHECK(error_of([&] { lstm(x, k, zeros({5})); }) ==
          "[lstm] recurrent_kernel is f32[5]; it must be f32 [units, 4 units].");
    CHECK(error_of([&] { lstm(x, k, r, zeros({5})); }) == "[lstm] bias is f32[5]; it must be f32[20].");
    CHECK(error_of([&] {
            lstm(x, k, r, {}, {.h = zeros({2, 4}), .c = {}});
          }) == "[lstm] h is f32[2,4]; it must be f32[2,5].");
    CHECK(error_of([&] {
            lstm_cell(zeros({2, 4}), {zeros({2, 5}), zeros({5})}, k, r);
          }) == "[lstm_cell] c is f32[5]; it must be f32[2,5].");
    CHECK(error_of([&] {
            gru(x, zeros({4, 15}), zeros({5, 15}), zeros({15}));
          }) == "[gru] bias is f32[15]; it must be f32[2,15].");
    CHECK(error_of([&] {
            gru_cell(x, zeros({2, 5}), zeros({4, 15}), zeros({5, 15}));
          }) == "[gru_cell] x is f32[2,3,4]; it must be f32 [batch, features].");
    CHECK(error_of([&] {
            lstm(zeros({2, 0, 4}), k, r);
          }) == "[lstm] x is f32[2,0,4]; it must be f32 [batch, time, features] with at least one time.");
    CHECK(error_of([&] {
            scan([](const Tensor&, const auto& s) { return s; }, zeros({2, 0}), {x});
          }) == "[scan] x is f32[2,0]; it must be [batch, time, ..] with at least one time.");
    CHECK(error_of([&] { scan([](const Tensor&, const auto& s) { return s; }, x, {}); }) ==
          "[scan] the initial state holds no tensor; it must hold at least one.");
    CHECK(error_of([&] { scan([](const Tensor&, const auto&) { return std::vector<Tensor>{}; }, x, {x}); }) ==
          "[scan] the step returned no state; it must return at least one tensor.");
  }
}

}  // namespace hekla::testing
