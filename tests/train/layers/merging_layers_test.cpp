// Layers that merge several tensors. The numbers and masks are those of Keras 3.15's layers of the same names over the
// same patterns.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

std::vector<Tensor> three() { return {pattern({2, 3}), pattern({2, 3}, 5, 9), pattern({2, 3}, 3, 7)}; }
std::vector<Tensor> sequences() { return {pattern({2, 3, 2}), pattern({2, 3, 2}, 5, 9)}; }
Tensor times(std::initializer_list<double> counted) {
  return cast(tensor(counted, {2, 3}), boolean).detach();
}

// The result for the sequences where the first has a mask, or both; `mask` is that of the result, empty for none.
template <class L>
void check_masked(const L& layer, bool both, const std::vector<double>& expected,
                  const std::vector<double>& mask) {
  const Mode mode;
  const std::vector<Tensor> inputs = sequences();
  mode.set_mask(inputs[0], times({1, 1, 0, 0, 1, 0}));
  if (both) mode.set_mask(inputs[1], times({1, 0, 0, 1, 1, 0}));
  const Tensor y = layer(inputs, mode);
  check_values(y, y.shape(), expected);
  const Tensor given = mode.mask_of(y);
  REQUIRE(given.defined() == !mask.empty());
  if (given.defined()) check_values(given, given.shape(), mask);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("merging layers: elements") {
    reference();
    check_values(Add()(three(), {}), {2, 3}, {-1.5, 0.375, -0.25, 0.75, 0.125, -0.25});
    check_values(Multiply()(three(), {}), {2, 3},
                 {-0.1171875, 0, 0.03515625, -0.01953125, -0.0078125, 0.03515625});
    check_values(Average()(three(), {}), {2, 3}, {-0.5, 0.125, -0.25 / 3, 0.25, 0.125 / 3, -0.25 / 3});
    check_values(Maximum()(three(), {}), {2, 3}, {-0.375, 0.25, 0.375, 0.625, 0.25, 0.375});
    check_values(Minimum()(three(), {}), {2, 3}, {-0.625, 0, -0.375, -0.125, -0.25, -0.375});
    check_values(Subtract()({three()[0], three()[1]}, {}), {2, 3},
                 {-0.125, 0.125, 0.125, 0.375, 0.375, -0.75});
    check_values(Add()({pattern({2, 2, 2}), pattern({2, 2}, 5, 9)}, {}), {2, 2, 2},
                 {-1.125, 0.375, -0.75, 0.75, -0.25, -0.125, 0.125, 0.25});
    check_values(Add()({ones({1, 2}, u8), ones({1, 2})}, {}), {1, 2}, {2, 2});
    CHECK(error_of([] { Add()({}, {}); }) == "[add] no tensors are given; it merges at least one.");
    CHECK(error_of([] { Subtract()(three(), {}); }) == "[subtract] 3 tensors; it takes two.");
    CHECK(error_of([] {
            Multiply()({zeros({2, 3}), zeros({1, 3})}, {});
          }) == "[multiply] f32[2,3], f32[1,3] are given; they must have one batch.");
    CHECK(error_of([] {
            Maximum()({zeros({2, 3}), zeros({2, 4})}, {});
          }).starts_with("[maximum] shapes [2,3] and [2,4] do not broadcast"));
  }

  TEST_CASE("merging layers: concatenation") {
    reference();
    check_values(Concatenate(1)({pattern({2, 1, 2}), pattern({2, 2, 2}, 5, 9)}, {}), {2, 3, 2},
                 {-0.625, 0.25, -0.5, 0.125, -0.375, 0.25, -0.25, 0.625, -0.25, 0.375, -0.125, 0.5});
    check_values(Concatenate()({pattern({2, 2}), pattern({2, 1}, 5, 9)}, {}), {2, 3},
                 {-0.625, 0.25, -0.5, -0.25, 0.625, 0.125});
    CHECK(error_of([] {
            Concatenate()({zeros({2, 3}), zeros({3, 3})}, {});
          }) == "[concatenate] f32[2,3], f32[3,3] do not fit together; only axis 1 may differ.");
    CHECK(error_of([] { Concatenate()({}, {}); }) ==
          "[concatenate] no tensors are given; it joins at least one.");
    CHECK(error_of([] { Concatenate(2)({zeros({2, 3})}, {}); }).starts_with("[concatenate] axis 2"));
  }

  TEST_CASE("merging layers: dot products") {
    reference();
    check_values(Dot({1, 2})({pattern({1, 3, 2}), pattern({1, 2, 3}, 5, 9)}, {}), {1, 2, 2},
                 {0.234375, -0.046875, 0.09375, -0.234375});
    const std::vector<Tensor> vectors{pattern({2, 3}), pattern({2, 3}, 5, 9)};
    check_values(Dot(1)(vectors, {}), {2, 1}, {0.4375, -0.015625});
    expect([&] { return Dot(1, {.normalize = true})(vectors, {}); }, {2, 1}, f32,
           {0.955904245, -0.0409959853});
    check_values(Dot(1, {.normalize = true})({zeros({1, 2}), ones({1, 2})}, {}), {1, 1}, {0});
    check_values(Dot({2, 1})({pattern({1, 2, 3, 2}), pattern({1, 3, 2}, 5, 9)}, {}), {1, 2, 2, 2},
                 {0.375, -0.09375, -0.265625, 0.046875, -0.03125, -0.109375, 0.015625, -0.140625});
    check_values(Dot({2, 1})({pattern({1, 2, 3}), pattern({1, 3}, 5, 9)}, {}), {1, 2}, {0.4375, -0.15625});
    check_values(Dot(-1)({pattern({1, 2, 3}), pattern({1, 2, 3}, 5, 9)}, {}), {1, 2, 2},
                 {0.4375, -0.3125, -0.15625, -0.015625});
    const std::string rule =
        "; the axes must have one size, and the tensors one batch, whose axis 0 is not summed over.";
    CHECK(error_of([&] { Dot(0)(vectors, {}); }) == "[dot] axis 0 of f32[2,3] and axis 0 of f32[2,3]" + rule);
    CHECK(error_of([] {
            Dot(1)({zeros({2, 3}), zeros({2, 4})}, {});
          }) == "[dot] axis 1 of f32[2,3] and axis 1 of f32[2,4]" + rule);
    CHECK(error_of([] { Dot(1)({zeros({2, 3})}, {}); }) == "[dot] 1 tensors; it takes two.");
  }

  TEST_CASE("merging layers: masks of times") {
    reference();
    const std::vector<double> any{1, 1, 0, 1, 1, 0};
    const std::vector<double> sums{-1.125, 0.375, -0.625, 0.875, -0.125, 0, 0.375, 0.5, -0.5, -0.125, 0, -1};
    check_masked(Add(), true, sums, any);
    check_masked(Add(), false, sums, {});
    check_masked(Subtract(), true,
                 {-0.125, 0.125, 0.125, 0.375, 0.375, -0.75, 0.625, -0.5, -0.5, 0.875, -0.25, -0.25}, any);
    check_masked(Average(), true,
                 {-0.5625, 0.1875, -0.3125, 0.4375, -0.0625, 0, 0.1875, 0.25, -0.25, -0.0625, 0, -0.5}, any);
    check_masked(Multiply(), true, {0.3125, 0.03125, -0.25, 0.625, 0, 0, -0.125, 0.5, 0, -0.1875, 0, 0}, any);
    check_masked(Multiply(), false,
                 {0.3125, 0.03125, 0.09375, 0.15625, -0.25, 0.375, -0.125, 0.5, 0, -0.1875, 0.125, -0.375},
                 {});
    check_masked(Maximum(), true,
                 {-0.5, 0.25, -0.25, 0.625, 0.125, -0.375, -0.125, 0.5, 0, 0.375, -0.125, -0.625}, any);
    check_masked(Maximum(), false,
                 {-0.5, 0.25, -0.25, 0.625, -0.25, 0.375, -0.125, 0.5, 0, 0.375, 0.125, -0.375}, {});
    check_masked(Minimum(), true,
                 {-0.625, 0.125, -0.25, 0.625, 0.125, -0.375, -0.125, 0.5, -0.5, -0.5, -0.125, -0.625}, any);
    check_masked(Minimum(), false,
                 {-0.625, 0.125, -0.375, 0.25, -0.25, 0.375, -0.125, 0.5, -0.5, -0.5, 0.125, -0.375}, {});
    const std::vector<double> side_by_side{-0.625, 0.25,   -0.5,  0.125, -0.25,  0.625,  -0.375, 0.25,
                                           0.125,  -0.375, -0.25, 0.375, 0.5,    0,      -0.125, 0.5,
                                           -0.5,   0.375,  0,     -0.5,  -0.125, -0.625, 0.125,  -0.375};
    check_masked(Concatenate(), true, side_by_side, any);
    check_masked(Concatenate(), false, side_by_side, {1, 1, 1, 1, 1, 1});
    check_masked(Concatenate(1), false,
                 {-0.625, 0.25, -0.25, 0.625, 0.125,  -0.375, -0.5,   0.125, -0.375, 0.25, -0.25, 0.375,
                  0.5,    0,    -0.5,  0.375, -0.125, -0.625, -0.125, 0.5,   0,      -0.5, 0.125, -0.375},
                 {1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1});
    // What cannot be the mask of times of an array of features is none.
    const Mode mode;
    const Tensor features = ones({2, 3});
    mode.set_mask(features, times({0, 0, 0, 0, 0, 0}));
    check_values(Multiply()({features, features}, mode), {2, 3}, {1, 1, 1, 1, 1, 1});
  }

  TEST_CASE("merging layers: in models") {
    reference();
    set_random_seed(1);
    const Dense left(3, "tanh"), right(3, "tanh"), last(1);
    const Concatenate join;
    const Add add;
    Model model([=](const std::vector<Tensor>& x, const Mode& mode) {
      const Tensor a = left(x[0], mode), b = right(x[1], mode);
      return last(join({a, b, add({a, b}, mode)}, mode), mode);
    });
    const Tensor x = pattern({4, 2}), y = pattern({4, 3}, 3, 7), one = tensor({1.0, -1, 2, 0}, {4, 1});
    model.build_all({{2}, {3}});
    for (const char* text : {"concatenate (Concatenate)", "add (Add)", "(None, 9)"})
      CHECK(model.summary().find(text) != std::string::npos);
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
    const Dataset data({x, y}, {one});
    const double before = model.evaluate(data, {.verbose = 0})["loss"];
    model.fit(data, {.batch_size = 4, .epochs = 40, .verbose = 0});
    CHECK(model.evaluate(data, {.verbose = 0})["loss"] < 0.5 * before);
    // After a layer that gives several tensors.
    Sequential chain({[](const std::vector<Tensor>& in, const Mode&) {
                        return std::vector<Tensor>{in[0], 2 * in[0]};
                      },
                      Subtract()});
    check_values(chain(pattern({1, 2})), {1, 2}, {0.625, -0.25});
  }
}

}  // namespace hekla::testing
