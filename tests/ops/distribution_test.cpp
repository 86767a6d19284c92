// Distributions, keys and initial weights: statistical tests with fixed seeds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/initialize.h"
#include "ops/random.h"
#include "ops/random_gamma.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr std::int64_t many = 20000;
constexpr std::int64_t some = 4000;  // of distributions that take many operations

double mean_of(const std::vector<double>& x) {
  double total = 0;
  for (const double each : x) total += each;
  return total / static_cast<double>(x.size());
}

double variance_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double total = 0;
  for (const double each : x) total += (each - mean) * (each - mean);
  return total / static_cast<double>(x.size());
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double x_mean = mean_of(x), y_mean = mean_of(y);
  double total = 0;
  for (std::size_t i = 0; i < x.size(); ++i) total += (x[i] - x_mean) * (y[i] - y_mean);
  return total / static_cast<double>(x.size()) / std::sqrt(variance_of(x) * variance_of(y));
}

// The Kolmogorov-Smirnov statistic: the largest distance between the distribution function and that of the
// sample, times the square root of the sample size. It exceeds 1.63 once in a hundred samples.
double kolmogorov(std::vector<double> x, const std::function<double(double)>& distribution) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = distribution(x[i]);
    distance = std::max({distance, std::fabs(at - static_cast<double>(i) / n),
                         std::fabs(static_cast<double>(i + 1) / n - at)});
  }
  return distance * std::sqrt(n);
}

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double truncated_distribution(double x) {
  const double low = normal_distribution(-2), high = normal_distribution(2);
  return (normal_distribution(x) - low) / (high - low);
}

double largest(const std::vector<double>& x) {
  double found = 0;
  for (const double each : x) found = std::max(found, std::fabs(each));
  return found;
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("random_uniform: mean, variance, distribution") {
    const std::vector<double> x = reference_values(random_uniform({many}, random_key(11), -1, 3));
    CHECK(std::fabs(mean_of(x) - 1) < 4 * std::sqrt(16.0 / 12 / many));
    CHECK(variance_of(x) == doctest::Approx(16.0 / 12).epsilon(0.03));
    CHECK(kolmogorov(x, [](double each) { return (each + 1) / 4; }) < 1.63);
  }

  TEST_CASE("random_normal: mean, variance, distribution") {
    for (const std::uint32_t seed : {1u, 2u, 3u}) {
      const std::vector<double> x = reference_values(random_normal({many / 4, 4}, random_key(seed)));
      CHECK(std::fabs(mean_of(x)) < 4 / std::sqrt(many));
      CHECK(variance_of(x) == doctest::Approx(1).epsilon(0.04));
      CHECK(kolmogorov(x, normal_distribution) < 1.63);
      CHECK(largest(x) < 5.8);
      CHECK(largest(x) > 3.5);
    }
    const std::vector<double> moved = reference_values(random_normal({many}, random_key(4), 10, 0.5));
    CHECK(kolmogorov(moved, [](double each) { return normal_distribution((each - 10) / 0.5); }) < 1.63);
  }

  TEST_CASE("random_normal: neighbours have nothing to do with each other") {
    const std::vector<double> x = reference_values(random_normal({many}, random_key(5)));
    for (const std::size_t distance : {1u, 2u, 3u, 4u}) {
      const std::vector<double> later(x.begin() + static_cast<std::ptrdiff_t>(distance), x.end());
      const std::vector<double> earlier(x.begin(), x.end() - static_cast<std::ptrdiff_t>(distance));
      CHECK(std::fabs(correlation(earlier, later)) < 4 / std::sqrt(many));
    }
  }

  TEST_CASE("random_truncated_normal: within two standard deviations") {
    const std::vector<double> x = reference_values(random_truncated_normal({many}, random_key(6)));
    CHECK(largest(x) <= 2);
    CHECK(largest(x) > 1.99);
    CHECK(std::fabs(mean_of(x)) < 4 * 0.88 / std::sqrt(many));
    CHECK(std::sqrt(variance_of(x)) == doctest::Approx(0.87962566103423978).epsilon(0.02));
    CHECK(kolmogorov(x, truncated_distribution) < 1.63);
    const std::vector<double> moved =
        reference_values(random_truncated_normal({many}, random_key(7), -3, 0.5));
    CHECK(kolmogorov(moved, [](double each) { return truncated_distribution((each + 3) / 0.5); }) < 1.63);
  }

  TEST_CASE("random_bernoulli: the share, and what is certain") {
    for (const double p : {0.0, 0.3, 0.9, 1.0}) {
      const std::vector<double> x = reference_values(random_bernoulli({many}, random_key(8), p));
      CHECK(std::fabs(mean_of(x) - p) <= 4 * std::sqrt(p * (1 - p) / many));
    }
    const auto mixed = [] { return random_bernoulli({3, 2}, random_key(1), tensor({1.0, 0})); };
    expect(mixed, {3, 2}, boolean, {1, 0, 1, 0, 1, 0});
  }

  TEST_CASE("random_categorical: the shares") {
    const Tensor logits = log(tensor({0.1, 0.2, 0.3, 0.4, 0.25, 0.25, 0.25, 0.25}, {2, 4}));
    const std::vector<double> x = reference_values(random_categorical(logits, random_key(9), many));
    const std::vector<double> shares{0.1, 0.2, 0.3, 0.4, 0.25, 0.25, 0.25, 0.25};
    for (std::size_t row = 0; row < 2; ++row) {
      double chi_square = 0;
      for (int label = 0; label < 4; ++label) {
        const auto begin = x.begin() + static_cast<std::ptrdiff_t>(row * many);
        const double wanted = shares[row * 4 + static_cast<std::size_t>(label)] * many;
        const double found = static_cast<double>(std::count(begin, begin + many, label));
        chi_square += (found - wanted) * (found - wanted) / wanted;
      }
      // Three degrees of freedom: chi squared exceeds 11.3 once in a hundred samples.
      CHECK(chi_square < 11.3);
    }
    const double infinity = std::numeric_limits<double>::infinity();
    expect(
        [&] {
          return random_categorical(tensor({-infinity, 0, -infinity}), random_key(1), 5);
        },
        {5}, i32, {1, 1, 1, 1, 1});
    CHECK(error_of([] {
            random_categorical(zeros({2, 0}), random_key(1), 5);
          }) ==
          "[random_categorical] logits are f32[2,0] and the count is 5; the logits must be f32 with one "
          "class or more along "
          "the last axis and the count not negative.");
  }

  TEST_CASE("random_gamma: mean, variance, distribution") {
    const auto draw = [](double alpha) {
      return reference_values(random_gamma({some}, random_key(5), alpha));
    };
    for (const double alpha : {0.2, 1.0, 7.5}) {
      const std::vector<double> x = draw(alpha);
      CHECK(mean_of(x) == doctest::Approx(alpha).epsilon(0.08));
      CHECK(variance_of(x) == doctest::Approx(alpha).epsilon(0.15));
    }
    CHECK(kolmogorov(draw(0.5), [](double x) { return std::erf(std::sqrt(x)); }) < 1.63);
    CHECK(kolmogorov(draw(1), [](double x) { return 1 - std::exp(-x); }) < 1.63);
    CHECK(kolmogorov(draw(3), [](double x) { return 1 - std::exp(-x) * (1 + x + x * x / 2); }) < 1.63);
    for (const double alpha : {0.0, -1.0})
      CHECK(std::isnan(reference_values(random_gamma({1}, random_key(5), alpha))[0]));
  }

  TEST_CASE("random_beta: mean, variance, distribution") {
    const auto draw = [](double alpha, double beta) {
      return reference_values(random_beta({some}, random_key(6), alpha, beta));
    };
    CHECK(kolmogorov(draw(1, 1), [](double x) { return x; }) < 1.63);
    CHECK(kolmogorov(draw(0.5, 0.5),
                     [](double x) { return 2 / std::numbers::pi * std::asin(std::sqrt(x)); }) < 1.63);
    CHECK(kolmogorov(draw(3, 1), [](double x) { return x * x * x; }) < 1.63);
    const std::vector<double> x = draw(0.2, 0.2);
    CHECK(mean_of(x) == doctest::Approx(0.5).epsilon(0.05));
    CHECK(variance_of(x) == doctest::Approx(0.25 / 1.4).epsilon(0.05));
    // Of a small alpha nearly all lie at 0 and 1, and none is lost.
    const std::vector<double> ends = draw(1e-4, 1e-4);
    CHECK(mean_of(ends) == doctest::Approx(0.5).epsilon(0.05));
  }

  TEST_CASE("random_dirichlet: sums, means and variances") {
    const std::vector<double> alpha{0.5, 1, 2.5};
    const std::vector<double> drawn =
        reference_values(random_dirichlet({some, 3}, random_key(7), tensor(alpha)));
    std::vector<std::vector<double>> x(3);
    for (std::size_t i = 0; i < drawn.size(); ++i) x[i % 3].push_back(drawn[i]);
    for (std::size_t k = 0; k < 3; ++k) {
      const double share = alpha[k] / 4;
      CHECK(mean_of(x[k]) == doctest::Approx(share).epsilon(0.08));
      CHECK(variance_of(x[k]) == doctest::Approx(share * (1 - share) / 5).epsilon(0.12));
    }
    for (std::size_t i = 0; i < 100; ++i) CHECK(x[0][i] + x[1][i] + x[2][i] == doctest::Approx(1));
  }

  TEST_CASE("split and fold_in: keys of their own") {
    const RandomKey key = random_key(12, 34);
    std::vector<std::vector<double>> streams{reference_values(random_normal({many}, key))};
    for (const RandomKey& made : split(key, 3))
      streams.push_back(reference_values(random_normal({many}, made)));
    streams.push_back(reference_values(random_normal({many}, fold_in(key, 0))));
    streams.push_back(reference_values(random_normal({many}, fold_in(key, 1))));
    for (std::size_t i = 0; i < streams.size(); ++i) {
      CHECK(kolmogorov(streams[i], normal_distribution) < 1.63);
      for (std::size_t j = 0; j < i; ++j)
        CHECK(std::fabs(correlation(streams[i], streams[j])) < 4 / std::sqrt(many));
    }
    // The same data gives the same key, as a number or as a tensor.
    const std::vector<double> folded = reference_values(random_bits({8}, fold_in(key, 1)));
    expect([&] { return random_bits({8}, fold_in(key, 1)); }, {8}, u32, folded);
    expect([&] { return random_bits({8}, fold_in(key, tensor(std::vector<std::uint32_t>{1}, {}))); }, {8},
           u32, folded);
    CHECK(split(key, 0).empty());
    CHECK(error_of([&] { split(key, -1); }) == "[split] -1 keys; the count must not be negative.");
  }

  TEST_CASE("initial weights: Keras's fans, limits and deviations") {
    const RandomKey key = random_key(2);
    const auto uniform = [](const Tensor& weights, double limit) {
      const std::vector<double> x = reference_values(weights);
      CHECK(kolmogorov(x, [&](double each) { return (each + limit) / (2 * limit); }) < 1.63);
    };
    const auto normal = [](const Tensor& weights, double deviation) {
      const std::vector<double> x = reference_values(weights);
      const double wide = deviation / 0.87962566103423978;
      CHECK(std::sqrt(variance_of(x)) == doctest::Approx(deviation).epsilon(0.03));
      CHECK(kolmogorov(x, [&](double each) { return truncated_distribution(each / wide); }) < 1.63);
    };
    const Shape matrix{60, 100}, kernel{3, 3, 20, 40}, vector{4000};
    uniform(glorot_uniform(matrix, key), std::sqrt(6.0 / 160));
    uniform(glorot_uniform(kernel, key), std::sqrt(6.0 / (180 + 360)));
    uniform(glorot_uniform(vector, key), std::sqrt(6.0 / 8000));
    normal(glorot_normal(matrix, key), std::sqrt(2.0 / 160));
    uniform(he_uniform(matrix, key), std::sqrt(6.0 / 60));
    normal(he_normal(kernel, key), std::sqrt(2.0 / 180));
    uniform(lecun_uniform(kernel, key), std::sqrt(3.0 / 180));
    normal(lecun_normal(matrix, key), std::sqrt(1.0 / 60));
    const std::vector<double> plain = reference_values(
        variance_scaling(matrix, key, {.scale = 3, .fan = Fan::out, .distribution = Distribution::normal}));
    CHECK(kolmogorov(plain, [](double x) { return normal_distribution(x / std::sqrt(0.03)); }) < 1.63);
    CHECK(error_of([&] { variance_scaling(matrix, key, {.scale = 0}); }) ==
          "[variance_scaling] scale is 0; it must be positive.");
  }
}

}  // namespace hekla::testing
