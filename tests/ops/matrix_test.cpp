// Equations, inverses, determinants and Cholesky's factors against the results of PyTorch 2.15 in double precision.
#include <doctest/doctest.h>

#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/matrix/cholesky.h"
#include "ops/matrix/solve.h"
#include "ops/matrix/triangular.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// The first pivot of the first one is 0.
Tensor matrices() {
  return tensor({{{0.0, 2, 1}, {4, -1, 3}, {2, 5, -2}}, {{1, 2, 3}, {2, -1, 1}, {3, 0, -1}}});
}
Tensor positive() {
  return tensor({{{6.0, 1, 8}, {1, 27, -3}, {8, -3, 34}}, {{15, 3, 0}, {3, 7, 5}, {0, 5, 11}}});
}
Tensor right_sides() { return tensor({{{1.0, 2}, {3, 4}, {5, 6}}, {{0, 1}, {-1, 2}, {2, -3}}}); }

// More rows than a block; its condition is 24.
Tensor many_rows() {
  const Shape shape{40, 40};
  const Tensor i = iota(shape, 0), j = iota(shape, 1);
  return cast((i * 7 + j * 13 + i * j) % 17, f32) / 8 - 1 + 0.5 * eye(40);
}
Tensor many_positive() { return matmul(many_rows(), transpose(many_rows())) / 40 + eye(40); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("solve, inverse") {
    expect([] { return solve(matrices(), right_sides()); }, {2, 3, 2}, f32,
           {0.98, 1.04, 0.56, 0.88, -0.12, 0.24, 0.4, -0.5, 1, -1.5, -0.8, 1.5});
    expect([] { return solve(matrices()[0], tensor({1.0, 3, 5})); }, {3}, f32, {0.98, 0.56, -0.12});
    // One matrix for several right-hand sides, and a vector for each matrix.
    expect([] { return sum(solve(matrices()[0], right_sides()), {1, 2}); }, {2}, f32, {3.58, 0.62});
    expect(
        [] {
          return solve(matrices(), tensor({{1.0, 3, 5}, {0, -1, 2}}));
        },
        {2, 3}, f32, {0.98, 0.56, -0.12, 0.4, 1, -0.8});
    expect([] { return inverse(matrices()); }, {2, 3, 3}, f32,
           {-0.26, 0.18, 0.14, 0.28, -0.04, 0.08, 0.44, 0.08, -0.16, 0.05, 0.1, 0.25, 0.25, -0.5, 0.25, 0.15,
            0.3, -0.25});
  }

  TEST_CASE("det, slogdet, logdet") {
    expect([] { return det(matrices()); }, {2}, f32, {50, 20}, 1e-5);
    expect([] { return det(-matrices()); }, {2}, f32, {-50, -20}, 1e-5);
    expect([] { return slogdet(-matrices()).sign; }, {2}, f32, {-1, -1});
    expect([] { return slogdet(-matrices()).logabsdet; }, {2}, f32, {3.912023, 2.9957323});
    expect(
        [] {
          return logdet(concat({matrices(), -matrices()}, 0));
        },
        {4}, f32, {3.912023, 2.9957323, nan, nan});
  }

  TEST_CASE("matrix_power") {
    expect([] { return matrix_power(matrices(), 3)[0]; }, {3, 3}, f32,
           {20, 37, 11, 86, -45, 84, -2, 148, -59}, 1e-5);
    expect([] { return matrix_power(matrices(), -2)[0]; }, {3, 3}, f32,
           {0.1796, -0.0428, -0.0444, -0.0488, 0.0584, 0.0232, -0.1624, 0.0632, 0.0936});
    expect([] { return matrix_power(matrices(), 0)[1]; }, {3, 3}, f32, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  }

  TEST_CASE("solve_triangular reads its triangle only") {
    const auto a = [] { return tensor({{2.0, 7, 9}, {1, 4, 8}, {3, -1, 5}}); };
    const auto b = [] { return tensor({{1.0, 2}, {3, 4}, {5, 6}}); };
    const auto from_left = [&](const TriangularOptions& options, const std::vector<double>& expected) {
      expect([&] { return solve_triangular(a(), b(), options); }, {3, 2}, f32, expected, 1e-5);
      TriangularOptions other = options;
      other.transpose = !options.transpose;
      other.upper = !options.upper;
      expect([&] { return solve_triangular(transpose(a()), b(), other); }, {3, 2}, f32, expected, 1e-5);
    };
    from_left({}, {0.5, 1, 0.625, 0.75, 0.825, 0.75});
    from_left({.unitriangular = true}, {1, 2, 2, 2, 4, 2});
    from_left({.upper = true}, {0.375, 0.5, -1.25, -1.4, 1, 1.2});
    from_left({.upper = true, .unitriangular = true}, {215, 256, -37, -44, 5, 6});
    expect([&] { return solve_triangular(a(), transpose(b()), {.left = false}); }, {2, 3}, f32,
           {-1.5, 1, 1, -1.45, 1.3, 1.2});
    expect([&] { return solve_triangular(a(), transpose(b()), {.upper = true, .left = false}); }, {2, 3}, f32,
           {0.5, -0.125, 0.3, 1, -0.75, 0.6});
  }

  TEST_CASE("cholesky, cholesky_solve, cholesky_inverse") {
    const std::vector<double> factor{2.4494897, 0,         0,           0.40824829, 5.1800901,
                                     0,         3.2659863, -0.83653629, 4.7574721};
    expect([] { return cholesky(positive())[0]; }, {3, 3}, f32, factor);
    expect([] { return cholesky(triu(positive()), true)[0]; }, {3, 3}, f32,
           {2.4494897, 0.40824829, 3.2659863, 0, 5.1800901, -0.83653629, 0, 0, 4.7574721});
    expect([] { return cholesky_solve(right_sides(), cholesky(positive()))[0]; }, {3, 2}, f32,
           {-0.098792536, 0.074643249, 0.13501647, 0.16465423, 0.18221734, 0.17343578});
    expect([] { return cholesky_inverse(cholesky(positive(), true), true)[1]; }, {3, 3}, f32,
           {0.076358297, -0.04845815, 0.022026432, -0.04845815, 0.24229075, -0.11013216, 0.022026432,
            -0.11013216, 0.14096916});
    expect(
        [] {
          const Tensor a = positive();
          return grad(sum(counted({2, 3, 3}) * cholesky(a)), a)[0];
        },
        {3, 3}, f32,
        {0.13467543, -0.5557399, -0.031539087, -0.5557399, 0.51713407, 0.81144249, -0.031539087, 0.81144249,
         0.84078266},
        2e-6);
  }

  TEST_CASE("matrices of several blocks") {
    const auto at = [](const Tensor& a, std::initializer_list<Literal> places) {
      return take(a, tensor(places));
    };
    const auto b = [] { return cast(arange(40) % 5 - 2, f32); };
    expect(
        [&] {
          return at(solve(many_rows(), b()), {0, 20, 39});
        },
        {3}, f32, {-3.6914546, -3.3334361, 4.0489315}, 2e-5);
    expect(
        [&] {
          return at(inverse(many_rows()), {0, 3 * 40 + 37, 39 * 40 + 20});
        },
        {3}, f32, {1.3290176, -0.67604915, 0.024986237}, 2e-5);
    expect([] { return slogdet(many_rows()).logabsdet; }, {}, f32, {9.1196}, 1e-5);
    expect([] { return slogdet(many_rows()).sign; }, {}, f32, {1});
    expect(
        [&] {
          return at(cholesky(many_positive()), {0, 20 * 40 + 3, 39 * 40 + 35, 39 * 40 + 39});
        },
        {4}, f32, {1.17127068, 0.314203995, 0.0186466131, 1.07927554}, 1e-5);
    // The gradient of log det is the transposed inverse.
    expect(
        [&] {
          const Tensor a = many_rows();
          return at(grad(logdet(a), a), {0, 37 * 40 + 3, 20 * 40 + 39});
        },
        {3}, f32, {1.3290176, -0.67604915, 0.024986237}, 2e-5);
    const auto residual = [](const TriangularOptions& options) {
      const Tensor a = many_rows() + 4 * eye(40), x = tensor(std::vector<double>(40, 1), {40, 1});
      const Tensor triangle = options.upper ? triu(a) : tril(a);
      return max(abs(solve_triangular(a, matmul(triangle, x), options) - 1));
    };
    expect([&] { return residual({}); }, {}, f32, {0}, 1e-4);
    expect([&] { return residual({.upper = true}); }, {}, f32, {0}, 1e-4);
  }

  TEST_CASE("singular matrices, and matrices without elements") {
    const auto singular = [] { return tensor({{1.0, 2}, {2, 4}}); };
    expect([&] { return det(singular()); }, {}, f32, {0});
    expect([&] { return slogdet(singular()).sign; }, {}, f32, {0});
    expect([&] { return logdet(singular()); }, {}, f32, {-infinity});
    expect([&] { return cast(isfinite(solve(singular(), tensor({1.0, 3}))), f32); }, {2}, f32, {0, 0});
    expect([&] { return cholesky(tensor({{4.0, 2}, {2, -1}})); }, {2, 2}, f32, {2, 0, 1, nan});
    expect([&] { return cholesky(tensor({{nan}})); }, {1, 1}, f32, {nan});
    expect([&] { return solve(tensor({{4.0}}), tensor({2.0})); }, {1}, f32, {0.5});
    expect([] { return det(zeros({2, 0, 0})); }, {2}, f32, {1, 1});
    expect([] { return logdet(zeros({0, 0})); }, {}, f32, {0});
    expect([] { return inverse(zeros({0, 0})); }, {0, 0}, f32, {});
    expect([] { return cholesky(zeros({2, 0, 0})); }, {2, 0, 0}, f32, {});
    expect([] { return solve(zeros({0, 0}), zeros({0, 3})); }, {0, 3}, f32, {});
    expect([] { return solve_triangular(eye(2), zeros({2, 0})); }, {2, 0}, f32, {});
  }

  TEST_CASE("functions of matrices refuse what does not fit") {
    const Tensor wide = zeros({2, 3});
    CHECK(error_of([&] { cholesky(wide); }) ==
          "[cholesky] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { cholesky_inverse(wide); }) ==
          "[cholesky_inverse] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { solve(wide, wide); }) ==
          "[solve] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { inverse(zeros({3})); }) ==
          "[inverse] the matrix is f32[3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] {
            det(zeros({2, 2}, i32));
          }) == "[det] the matrix is i32[2,2]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { slogdet(wide); }) == "[slogdet] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { logdet(wide); }) == "[logdet] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(error_of([&] { matrix_power(wide, 2); }) ==
          "[matrix_power] the matrix is f32[2,3]; it must be f32 [.., n, n].");
    CHECK(
        error_of([&] {
          solve(eye(3), zeros({2, 3}));
        }) ==
        "[solve] f32[3,3] and the right-hand side f32[2,3]; that must be f32 [.., 3, m] or a vector for each "
        "matrix.");
    CHECK(error_of([&] {
            solve_triangular(eye(3), zeros({2, 3}));
          }) == "[solve_triangular] f32[3,3] and the right-hand side f32[2,3]; that must be f32 [.., 3, m].");
    CHECK(error_of([&] {
            solve_triangular(eye(3), zeros({3, 2}), {.left = false});
          }) == "[solve_triangular] f32[3,3] and the right-hand side f32[3,2]; that must be f32 [.., m, 3].");
    CHECK(error_of([&] {
            solve_triangular(wide, zeros({2, 3}));
          }) == "[solve_triangular] the matrix is f32[2,3]; it must be f32 [.., n, n].");
  }
}

}  // namespace hekla::testing
