// meshgrid, tri, kron, cross, cov, corrcoef and cdist. Expected values are those of NumPy's functions of these names, and
// of torch.cdist.
#include "ops/grid.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/covariance.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/distance.h"
#include "ops/elementwise.h"
#include "ops/linalg.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("meshgrid") {
    const auto vectors = [] { return std::vector<Tensor>{tensor({1.0, 2, 3}), tensor({4.0, 5})}; };
    expect([&] { return meshgrid(vectors())[0]; }, {2, 3}, f32, {1, 2, 3, 1, 2, 3});
    expect([&] { return meshgrid(vectors())[1]; }, {2, 3}, f32, {4, 4, 4, 5, 5, 5});
    expect([&] { return meshgrid(vectors(), Indexing::ij)[0]; }, {3, 2}, f32, {1, 1, 2, 2, 3, 3});
    expect([&] { return meshgrid(vectors(), Indexing::ij)[1]; }, {3, 2}, f32, {4, 5, 4, 5, 4, 5});
    const std::vector<Tensor> three = meshgrid({zeros({2}), zeros({3}, i32), zeros({4})});
    CHECK(three[1].shape() == Shape{3, 2, 4});
    CHECK(three[1].dtype() == i32);
    expect([] { return meshgrid({tensor({7.0, 8})})[0]; }, {2}, f32, {7, 8});
    expect([] { return meshgrid({zeros({}) + 7, tensor({1.0, 2})})[0]; }, {2, 1}, f32, {7, 7});
    CHECK(meshgrid({}).empty());
    CHECK(error_of([] {
            meshgrid({zeros({2, 2})});
          }) == "[meshgrid] f32[2,2] is no vector; each tensor must be one.");
  }

  TEST_CASE("tri") {
    expect([] { return tri(2, 4, 1); }, {2, 4}, f32, {1, 1, 0, 0, 1, 1, 1, 0});
    expect([] { return tri(2, 2, -1, i32); }, {2, 2}, i32, {0, 0, 1, 0});
  }

  TEST_CASE("kron and cross") {
    expect(
        [] {
          return kron(tensor({1.0, 10}), tensor({1.0, 2, 3, 4}, {2, 2}));
        },
        {2, 4}, f32, {1, 2, 10, 20, 3, 4, 30, 40});
    expect(
        [] {
          return kron(tensor({1.0, 2, 3, 4}, {2, 2}), tensor({1.0, 10}, {2, 1}));
        },
        {4, 2}, f32, {1, 2, 10, 20, 3, 4, 30, 40});
    expect([] { return kron(zeros({}) + 2, tensor({1.0, 2})); }, {2}, f32, {2, 4});
    expect([] { return cross(tensor({1.0, 2, 3}), tensor({4.0, 5, 6})); }, {3}, f32, {-3, 6, -3});
    expect(
        [] {
          return cross(tensor({1.0, 2, 3, 1, 0, 0}, {2, 3}), tensor({0.0, 1, 0}));
        },
        {2, 3}, f32, {-3, 0, 1, 0, 0, 1});
    expect(
        [] {
          return cross(tensor({1.0, 2, 3}, {3, 1}), tensor({4.0, 5, 6}, {3, 1}), 0);
        },
        {3, 1}, f32, {-3, 6, -3});
    CHECK(error_of([] { cross(zeros({2}), zeros({2})); }) ==
          "[cross] axis -1 of f32[2] and f32[2]; vectors must have three components.");
    CHECK(error_of([] { cross(zeros({3}), zeros({1})); }) ==
          "[cross] axis -1 of f32[3] and f32[1]; vectors must have three components.");
    CHECK(error_of([] {
            kron(zeros({1, 1, 1, 1, 1, 1, 1}), zeros({}));
          }) == "[kron] f32[1,1,1,1,1,1,1] and f32[]; the rank must not be above 6.");
  }

  TEST_CASE("cov and corrcoef") {
    const auto x = [] { return tensor({1.0, 2, 4, 3, -1, 0}, {2, 3}); };
    expect([&] { return cov(x()); }, {2, 2}, f32,
           {2.3333333333333335, -1.8333333333333335, -1.8333333333333335, 4.333333333333334});
    expect([&] { return cov(x(), 0); }, {2, 2}, f32,
           {1.5555555555555556, -1.2222222222222223, -1.2222222222222223, 2.8888888888888893});
    expect([] { return cov(tensor({1.0, 2, 4})); }, {}, f32, {2.3333333333333335});
    expect([&] { return corrcoef(x()); }, {2, 2}, f32, {1, -0.576556660197055, -0.576556660197055, 1});
    expect([] { return corrcoef(tensor({1.0, 2, 4})); }, {}, f32, {1});
    expect([] { return corrcoef(tensor({1.0, 2, 3, 3}, {2, 2})); }, {2, 2}, f32, {1, nan, nan, nan});
    // A large mean costs no digits.
    expect([&] { return cov(1e4 + x()); }, {2, 2}, f32,
           {2.3333333333333335, -1.8333333333333335, -1.8333333333333335, 4.333333333333334}, 1e-5);
    CHECK(error_of([] {
            cov(zeros({2, 3, 4}));
          }) == "[cov] f32[2,3,4] is no vector and no matrix; a row holds the observations of a variable.");
    CHECK(error_of([] {
            cov(zeros({2, 1}));
          }) ==
          "[cov] 1 observations of f32[2,1] and correction 1; there must be more observations than that.");
    CHECK(error_of([] { corrcoef(zeros({2}, i32)); }) == "[corrcoef] i32[2] is not f32; cast it first.");
  }

  TEST_CASE("cdist") {
    const auto a = [] { return tensor({1.0, 2, 4, 6, 1, 2}, {3, 2}); };
    const auto b = [] { return tensor({1.0, 2, 0, 0}, {2, 2}); };
    expect([&] { return cdist(a(), b(), 1); }, {3, 2}, f32, {0, 3, 7, 10, 0, 3});
    expect([&] { return cdist(a(), b()); }, {3, 2}, f32,
           {0, 2.23606797749979, 5, 7.211102550927978, 0, 2.23606797749979});
    expect([&] { return cdist(a(), b(), infinity); }, {3, 2}, f32, {0, 2, 4, 6, 0, 2});
    // Near points far from the origin.
    expect(
        [] {
          return cdist(tensor({1e4, 1e4 + 1}, {2, 1}), tensor({1e4 + 0.5}, {1, 1}));
        },
        {2, 1}, f32, {0.5, 0.5}, 0);
    expect([] { return cdist(zeros({2, 3, 4}), zeros({5, 4})); }, {2, 3, 5}, f32, std::vector<double>(30, 0));
    expect([] { return cdist(zeros({2, 0}), zeros({3, 0})); }, {2, 3}, f32, std::vector<double>(6, 0));
    expect(
        [&] {
          const Tensor x = a();
          return grad(sum(cdist(x, b())), x);
        },
        {3, 2}, f32,
        {0.4472135954999579, 0.8944271909999159, 0.6 + 0.5547001962252291, 0.8 + 0.8320502943378437,
         0.4472135954999579, 0.8944271909999159});
    CHECK(error_of([] {
            cdist(zeros({2, 3}), zeros({2, 4}));
          }) == "[cdist] f32[2,3] and f32[2,4]; both must be [.., points, d] with the same d.");
    CHECK(error_of([] {
            cdist(zeros({2, 3}), zeros({2, 3}), 3);
          }) == "[cdist] p is 3; it must be 1, 2 or infinity.");
    CHECK(error_of([] {
            cdist(zeros({2, 3}, i32), zeros({2, 3}, i32));
          }) == "[cdist] i32[2,3] and i32[2,3]; both must be f32 (see hk::cast).");
  }

  TEST_CASE("cdist: more than 2^31 differences are planned, as none of them is stored") {
    for (const auto& device : devices()) {
      const Tensor a = input("a", {30'000, 128}), b = input("b", {30'000, 128});
      CHECK_NOTHROW(compile({.outputs = {min(cdist(a, b), {1})}}, device));
    }
  }
}

}  // namespace hekla::testing
