// Integrals of samples, window functions, closeness, and small functions of one or two operands, against PyTorch 2.15.
#include <doctest/doctest.h>

#include <limits>

#include "ops/close.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/integrate.h"
#include "ops/reduce.h"
#include "ops/signal_window.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "tests/support/everywhere.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Tensor samples() { return tensor({{1.0, 4, 2, 8}, {0, -1, 3, 5}}); }
Tensor positions() { return tensor({0, 1, 3, 3.5}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("trapezoid, cumulative_trapezoid") {
    expect([] { return trapezoid(samples(), 0.5); }, {2}, f32, {5.25, 2.25});
    expect([] { return trapezoid(samples(), positions()); }, {2}, f32, {11, 3.5});
    expect([] { return trapezoid(samples(), 1, 0); }, {4}, f32, {0.5, 1.5, 2.5, 6.5});
    expect([] { return trapezoid(transpose(samples()), positions(), 0); }, {2}, f32, {11, 3.5});
    expect([] { return trapezoid(zeros({2, 1})); }, {2}, f32, {0, 0});
    expect([] { return cumulative_trapezoid(samples()); }, {2, 3}, f32, {2.5, 5.5, 10.5, -0.5, 0.5, 4.5});
    expect([] { return cumulative_trapezoid(samples(), positions()); }, {2, 3}, f32,
           {2.5, 8.5, 11, -0.5, 1.5, 3.5});
    CHECK(error_of([] { trapezoid(samples(), zeros({3})); }) ==
          "[trapezoid] positions f32[3] of samples f32[2,4] along axis 1; there is one for each sample.");
    CHECK(
        error_of([] {
          cumulative_trapezoid(samples(), zeros({2, 2, 4}));
        }) ==
        "[cumulative_trapezoid] positions f32[2,2,4] of samples f32[2,4] along axis 1; there is one for each "
        "sample.");
  }

  TEST_CASE("window functions") {
    const auto periodic = [](Tensor window, const std::vector<double>& expected) {
      expect([=] { return window; }, {5}, f32, expected, 1e-7);
    };
    periodic(hann_window(5), {0, 0.3454915, 0.9045085, 0.9045085, 0.3454915});
    periodic(hann_window(5, false), {0, 0.5, 1, 0.5, 0});
    periodic(hamming_window(5), {0.08, 0.39785218, 0.91214782, 0.91214782, 0.39785218});
    periodic(hamming_window(5, false, 0.6, 0.4), {0.2, 0.6, 1, 0.6, 0.2});
    periodic(blackman_window(5), {0, 0.20077014, 0.84922986, 0.84922986, 0.20077014});
    periodic(bartlett_window(5), {0, 0.4, 0.8, 0.8, 0.4});
    periodic(bartlett_window(5, false), {0, 0.5, 1, 0.5, 0});
    periodic(kaiser_window(5), {5.2773441e-05, 0.10171969, 0.79293983, 0.79293983, 0.10171969});
    periodic(kaiser_window(5, false), {5.2773441e-05, 0.21567274, 1, 0.21567274, 5.2773441e-05});
    expect([] { return hann_window(1); }, {1}, f32, {1});
    expect([] { return kaiser_window(0); }, {0}, f32, {});
    CHECK(error_of([] { hann_window(-1); }) == "[hann_window] length -1; it must not be negative.");
    CHECK(error_of([] { kaiser_window(4, true, -1); }) ==
          "[kaiser_window] beta is -1; it must lie in [0, 700].");
  }

  TEST_CASE("isclose, allclose") {
    const auto a = [] { return tensor({1, 1, 1, inf, inf, 5, nan}); };
    const auto b = [] { return tensor({1.000005, 1.001, nan, inf, -inf, inf, nan}); };
    expect([&] { return isclose(a(), b()); }, {7}, boolean, {1, 0, 0, 1, 0, 0, 0});
    expect([&] { return isclose(a(), b(), {.atol = 0.1, .equal_nan = true}); }, {7}, boolean,
           {1, 1, 0, 1, 0, 0, 1});
    expect([&] { return allclose(a(), a()); }, {}, boolean, {0});
    expect([&] { return allclose(a(), a(), {.equal_nan = true}); }, {}, boolean, {1});
  }

  TEST_CASE("sinc, logaddexp, logaddexp2, fmax, fmin") {
    everywhere(of(sinc), {{0, 0.1, -0.25, 0.5, 2.75, 1e-4, inf, nan}}, f32,
               {1, 0.98363164, 0.90031632, 0.63661977, 0.081846938, 0.99999998, nan, nan}, 1e-5);
    const std::vector<std::vector<double>> pairs{{1, -2, 0, -inf, inf, nan, 1000, 3.5},
                                                 {2, -2, 1, -inf, 1, 1, 1001, -inf}};
    everywhere(of(logaddexp), pairs, f32, {2.3132617, -1.3068528, 1.3132617, -inf, inf, nan, 1001.3133, 3.5},
               1e-6);
    everywhere(of(logaddexp2), pairs, f32, {2.5849625, -1, 1.5849625, -inf, inf, nan, 1001.585, 3.5}, 1e-6);
    everywhere(of(fmax), pairs, f32, {2, -2, 1, -inf, inf, 1, 1001, 3.5});
    everywhere(of(fmin), pairs, f32, {1, -2, 0, -inf, 1, 1, 1000, -inf});
  }

  TEST_CASE("signbit, copysign see the sign of zeros") {
    const auto as_numbers = [](const Operands& x) { return cast(signbit(x[0]), f32); };
    everywhere(as_numbers, {{0.0, -0.0, -1, 2, -inf, nan}}, f32, {0, 1, 1, 0, 1, 0});
    everywhere(of(copysign), {{1, -2, 0, inf, 3}, {-0.0, 3, -1, -inf, nan}}, f32, {-1, 2, -0.0, -inf, 3});
  }

  TEST_CASE("nansum, nanmean") {
    const auto x = [] { return tensor({{1, nan, 3}, {nan, nan, nan}}); };
    expect([&] { return nansum(x(), 1); }, {2}, f32, {4, 0});
    expect([&] { return nanmean(x(), 1); }, {2}, f32, {2, nan});
    expect([&] { return nanmean(x(), {}, KeepDims::yes); }, {1, 1}, f32, {2});
  }

  TEST_CASE("diag_embed, block_diag") {
    const auto rows = [] { return tensor({{1.0, 2}, {3, 4}}); };
    expect([&] { return diag_embed(rows(), 1); }, {2, 3, 3}, f32,
           {0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0});
    expect([&] { return diag_embed(rows(), -1, 0, 2); }, {3, 2, 3}, f32,
           {0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 4, 0});
    expect(
        [] {
          return block_diag({tensor({{1, 2}}), tensor({3}, Shape{}), tensor({{4}, {5}})});
        },
        {4, 4}, i32, {1, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 5});
    CHECK(error_of([] { diag_embed(zeros({})); }) ==
          "[diag_embed] f32[] is a scalar; a diagonal has an axis.");
    CHECK(error_of([] { diag_embed(zeros({2}), 0, 1, -1); }) ==
          "[diag_embed] axes 1 and -1 of f32[2]; a matrix takes two different axes.");
    CHECK(error_of([] { block_diag({}); }) == "[block_diag] there are no matrices; give one or more.");
    CHECK(error_of([] {
            block_diag({zeros({1, 2, 3})});
          }) == "[block_diag] f32[1,2,3] has rank 3; blocks are matrices, vectors or scalars.");
  }

  TEST_CASE("atleast_1d, atleast_2d, atleast_3d") {
    const auto shape_of = [](const Tensor& x) { return to_string(x.shape()); };
    CHECK(shape_of(atleast_1d(zeros({}))) == "[1]");
    CHECK(shape_of(atleast_1d(zeros({2}))) == "[2]");
    CHECK(shape_of(atleast_2d(zeros({}))) == "[1,1]");
    CHECK(shape_of(atleast_2d(zeros({2}))) == "[1,2]");
    CHECK(shape_of(atleast_3d(zeros({}))) == "[1,1,1]");
    CHECK(shape_of(atleast_3d(zeros({2}))) == "[1,2,1]");
    CHECK(shape_of(atleast_3d(zeros({2, 3}))) == "[2,3,1]");
    CHECK(shape_of(atleast_3d(zeros({2, 3, 4, 5}))) == "[2,3,4,5]");
  }
}

}  // namespace hekla::testing
