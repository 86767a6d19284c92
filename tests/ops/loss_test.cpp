// Losses against the examples in Keras's documentation (which rounds them; here they are computed in double
// precision), and their errors.
#include "ops/loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Loss = std::function<Tensor(const Tensor&, const Tensor&, const LossOptions&)>;

Tensor matrix(std::initializer_list<double> elements, std::int64_t columns = 2) {
  return tensor(elements, {static_cast<std::int64_t>(elements.size()) / columns, columns});
}

struct Example {
  Loss loss;
  std::function<Tensor()> targets, predictions;
  std::vector<double> each;  // the losses of the two samples
  double tolerance = 1e-6;
};

// All reductions of two samples' losses, unweighted and with weights 0.7 and 0.3.
void check(const Example& example) {
  const double a = example.each[0], b = example.each[1];
  const auto computed = [&](const LossOptions& options, const Shape& shape,
                            const std::vector<double>& expected) {
    expect([&] { return example.loss(example.targets(), example.predictions(), options); }, shape, f32,
           expected, example.tolerance);
  };
  const auto weights = [] { return tensor({0.7, 0.3}); };
  computed({}, {}, {(a + b) / 2});
  computed({.reduction = Reduction::sum}, {}, {a + b});
  computed({.reduction = Reduction::none}, {2}, {a, b});
  computed({.sample_weight = weights()}, {}, {(0.7 * a + 0.3 * b) / 2});
  computed({.reduction = Reduction::sum, .sample_weight = weights()}, {}, {0.7 * a + 0.3 * b});
  computed({.reduction = Reduction::none, .sample_weight = weights()}, {2}, {0.7 * a, 0.3 * b});
}

Tensor two_targets() { return matrix({0, 1, 0, 0}); }
Tensor two_predictions() { return matrix({0.6, 0.4, 0.4, 0.6}); }
Tensor classes() { return matrix({0, 1, 0, 0, 0, 1}, 3); }
Tensor labels() { return tensor(std::vector<std::int32_t>{1, 2}); }
Tensor shares() { return matrix({0.05, 0.95, 0, 0.1, 0.8, 0.1}, 3); }

constexpr double infinity = std::numeric_limits<double>::infinity();

// The loss and its gradient with respect to the predictions.
void expect_loss(const std::function<Tensor(const Tensor&)>& loss, const std::vector<double>& predictions,
                 const Shape& shape, double expected, const std::vector<double>& gradient) {
  expect([&] { return loss(tensor(predictions, shape)); }, {}, f32, {expected});
  expect(
      [&] {
        const Tensor at = tensor(predictions, shape);
        return grad(loss(at), at);
      },
      shape, f32, gradient);
}

double log_cosh_of(double x) { return std::log(std::cosh(x)); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("losses of regression: Keras's examples") {
    const auto ones_and_zero = [] { return matrix({1, 1, 1, 0}); };
    check({mean_squared_error, two_targets, ones_and_zero, {0.5, 0.5}});
    check({mean_absolute_error, two_targets, ones_and_zero, {0.5, 0.5}});
    const auto default_huber = [](const Tensor& t, const Tensor& p, const LossOptions& options) {
      return huber(t, p, options);
    };
    check({default_huber, two_targets, two_predictions, {0.18, 0.13}});
    check({default_huber,
           [] {
             return matrix({0, 0, 4, 0});
           },
           [] {
             return matrix({3, -0.5, 0, 1});
           },
           {(2.5 + 0.125) / 2, (3.5 + 0.5) / 2}});
    check({log_cosh, two_targets, [] { return matrix({1, 1, 0, 0}); }, {log_cosh_of(1) / 2, 0}});
    check({log_cosh,
           [] {
             return matrix({0, 0, 0, 0});
           },
           [] {
             return matrix({-200, 200, 1e-3, 2});
           },
           {200 - std::log(2.0), (log_cosh_of(1e-3) + log_cosh_of(2)) / 2}});
    check({poisson, two_targets, [] { return matrix({1, 1, 0, 0}); }, {1 - std::log(1 + 1e-7) / 2, 0}});
    check({poisson,
           [] {
             return matrix({2, 1, 3, 0});
           },
           [] {
             return matrix({1, 2, 3, 0.5});
           },
           {(3 - std::log(2.0)) / 2, (3.5 - 3 * std::log(3.0)) / 2}});
  }

  TEST_CASE("losses of shares and of logarithms: Keras 3.15's functions of the same names") {
    check({mean_absolute_percentage_error,
           [] {
             return matrix({2, -4, 1, 0.5});
           },
           [] {
             return matrix({1, -5, 3, 0.25});
           },
           {37.5, 125}});
    // A target of 0 is taken for epsilon, 1e-7.
    check({mean_absolute_percentage_error, two_targets, [] { return matrix({0, 1, 0, 1e-7}); }, {0, 50}});
    check({mean_squared_logarithmic_error,
           [] {
             return matrix({0, 1, 2, 3});
           },
           [] {
             return matrix({1, 1, -2, 0.5});
           },
           {0.240226433, 1.08448744}});
    const auto nans = [](const Loss& loss) {
      expect(
          [=] {
            return loss(tensor({1.0, 1}), tensor({std::numeric_limits<double>::quiet_NaN(), 1}), {});
          },
          {}, f32, {std::numeric_limits<double>::quiet_NaN()});
    };
    nans(mean_absolute_percentage_error);
    nans(mean_squared_logarithmic_error);
  }

  TEST_CASE("cosine_similarity: Keras's example, and zero vectors") {
    check({cosine_similarity,
           [] {
             return matrix({0, 1, 1, 1});
           },
           [] {
             return matrix({1, 0, 1, 1});
           },
           {0, -1}});
    check({cosine_similarity,
           [] {
             return matrix({1, 1, 0, 0});
           },
           [] {
             return matrix({-1, -1, 1, 2});
           },
           {1, 0}});
  }

  TEST_CASE("losses of margins: Keras's examples") {
    check({hinge, two_targets, two_predictions, {1.1, 1.5}});
    check({hinge, [] { return matrix({-1, 1, -1, -1}); }, two_predictions, {1.1, 1.5}});
    check({squared_hinge, two_targets, two_predictions, {1.46, 2.26}});
    check({categorical_hinge, two_targets, two_predictions, {1.2, 1.6}});
  }

  TEST_CASE("kl_divergence: Keras's example") {
    const double epsilon = 1e-7;
    check({kl_divergence,
           two_targets,
           two_predictions,
           {epsilon * std::log(epsilon / 0.6) + std::log(1 / 0.4),
            epsilon * std::log(epsilon / 0.4) + epsilon * std::log(epsilon / 0.6)}});
  }

  TEST_CASE("binary cross-entropy: Keras's examples") {
    const Loss of_shares = [](const Tensor& t, const Tensor& p, const LossOptions& options) {
      return binary_crossentropy(t, p, options);
    };
    const Loss of_logits = [](const Tensor& t, const Tensor& z, const LossOptions& options) {
      return binary_crossentropy_from_logits(t, z, options);
    };
    check({of_shares, two_targets, two_predictions, {-std::log(0.4), -(std::log(0.6) + std::log(0.4)) / 2}});
    const auto soft = [](double z) { return std::log1p(std::exp(z)); };
    check({of_logits,
           two_targets,
           [] {
             return matrix({-18.6, 0.51, 2.94, -12.8});
           },
           {(soft(-18.6) + soft(0.51) - 0.51) / 2, (soft(2.94) + soft(-12.8)) / 2}});
    check({of_logits,
           two_targets,
           [] {
             return matrix({-1000, 1000, 1000, 0});
           },
           {0, (1000 + std::log(2.0)) / 2}});
    const Loss smooth = [](const Tensor& t, const Tensor& p, const LossOptions& options) {
      return binary_crossentropy(t, p, options, 0.2);
    };
    check({smooth,
           two_targets,
           two_predictions,
           {-(0.1 * std::log(0.6) + 0.9 * std::log(0.4) + 0.9 * std::log(0.4) + 0.1 * std::log(0.6)) / 2,
            -(0.1 * std::log(0.4) + 0.9 * std::log(0.6) + 0.1 * std::log(0.6) + 0.9 * std::log(0.4)) / 2}});
  }

  TEST_CASE("categorical cross-entropy: Keras's examples") {
    const std::vector<double> each{-std::log(0.95), -std::log(0.1)};
    const Loss plain = [](const Tensor& t, const Tensor& p, const LossOptions& options) {
      return categorical_crossentropy(t, p, options);
    };
    const Loss of_logits = [](const Tensor& t, const Tensor& z, const LossOptions& options) {
      return categorical_crossentropy_from_logits(t, z, options);
    };
    check({plain, classes, shares, each});
    check({plain, classes, [] { return 5 * shares(); }, each});
    // Keras clips before it normalizes: the last row's sum is 1, the first one's 1 + 1e-7.
    check({sparse_categorical_crossentropy, labels, shares, {each[0] + 1e-7, each[1]}});
    const auto logits = [] { return matrix({1, 2, 3, 1000, 0, 1000}, 3); };
    const std::vector<double> from_logits{1.40760596444438, std::log(2.0)};
    check({of_logits, classes, logits, from_logits});
    check({sparse_categorical_crossentropy_from_logits, labels, logits, from_logits});
    const Loss smooth = [](const Tensor& t, const Tensor& z, const LossOptions& options) {
      return categorical_crossentropy_from_logits(t, z, options, 0.3);
    };
    // Targets 0.1, 0.8, 0.1 and 0.1, 0.1, 0.8.
    check({smooth,
           classes,
           [] {
             return matrix({1, 2, 3, 1, 2, 3}, 3);
           },
           {0.1 * 2.40760596444438 + 0.8 * 1.40760596444438 + 0.1 * 0.40760596444438,
            0.1 * 2.40760596444438 + 0.1 * 1.40760596444438 + 0.8 * 0.40760596444438}});
  }

  // Worked out by hand: the remaining classes have scores 1 and 0 (or 0 and 1).
  TEST_CASE("cross-entropy: a class ruled out by a logit of -inf costs nothing") {
    const double a = std::exp(1) / (1 + std::exp(1)), b = 1 - a;
    const double loss = -(std::log(a) + std::log(b)) / 2;
    CHECK(loss == doctest::Approx(0.813262));
    const std::vector<double> z{-infinity, 1, 0, -infinity, 1, 0};
    const std::vector<double> slope{0, -b / 2, b / 2, 0, a / 2, -a / 2};
    const auto sparse = [](const Shape& shape) {
      return [=](const Tensor& logits) {
        return sparse_categorical_crossentropy_from_logits(reshape(labels(), shape), logits);
      };
    };
    const auto dense = [](const Shape& shape) {
      return [=](const Tensor& logits) {
        return categorical_crossentropy_from_logits(reshape(classes(), shape), logits);
      };
    };
    expect_loss(sparse({2}), z, {2, 3}, loss, slope);
    expect_loss(sparse({1, 2}), z, {1, 2, 3}, loss, slope);
    expect_loss(dense({2, 3}), z, {2, 3}, loss, slope);
    expect_loss(dense({1, 2, 3}), z, {1, 2, 3}, loss, slope);
    // The loss is infinite where the label itself is ruled out; label smoothing makes every class a possible
    // one.
    expect([&] { return sparse({2})(matrix({0, -infinity, 1, 0, 1, 2}, 3)); }, {}, f32, {infinity});
    expect(
        [&] {
          return categorical_crossentropy_from_logits(classes(), tensor(z, {2, 3}), {}, 0.1);
        },
        {}, f32, {infinity});
    // A logit of NaN does not rule out its class.
    expect([&] { return sparse({2})(matrix({std::nan(""), 1, 0, 0, 1, 2}, 3)); }, {}, f32, {std::nan("")});
    // The gradient with respect to a target of 0, as in distillation, is -log p, too.
    expect(
        [&] {
          const Tensor t = matrix({0, 1}), logits = matrix({0, 1});
          return grad(categorical_crossentropy_from_logits(t, logits), t);
        },
        {1, 2}, f32, {-std::log(b), -std::log(a)});
  }

  TEST_CASE("binary cross-entropy: what is certain and right costs nothing") {
    const auto loss = [](const std::vector<double>& targets) {
      return [=](const Tensor& z) { return binary_crossentropy_from_logits(tensor(targets, z.shape()), z); };
    };
    expect_loss(loss({0, 1, 1, 0}), {-infinity, infinity, 0, 0}, {2, 2}, std::log(2.0) / 2,
                {0, 0, -0.125, 0.125});
    expect([&] { return loss({1, 0})(tensor({-infinity, infinity}, {1, 2})); }, {}, f32, {infinity});
    expect([&] { return loss({1, 0})(tensor({infinity, infinity}, {1, 2})); }, {}, f32, {infinity});
    expect([&] { return loss({0, 0})(tensor({std::nan(""), 0}, {1, 2})); }, {}, f32, {std::nan("")});
  }

  TEST_CASE("losses: targets of other dtypes, weights of other shapes") {
    expect(
        [] {
          return mean_squared_error(tensor(std::vector<std::uint8_t>{0, 255}), tensor({1.0, 254}));
        },
        {}, f32, {1});
    const auto losses = [](const Tensor& weight) {
      return mean_squared_error(zeros({2, 2, 1}), tensor({1.0, 2, 3, 4}, {2, 2, 1}),
                                {.reduction = Reduction::none, .sample_weight = weight});
    };
    expect([&] { return losses(tensor({1.0, 10})); }, {2, 2}, f32, {1, 4, 90, 160});
    expect([&] { return losses(tensor({1.0, 10}, {1, 2})); }, {2, 2}, f32, {1, 40, 9, 160});
    expect([&] { return losses(tensor({2.0}, {})); }, {2, 2}, f32, {2, 8, 18, 32});
  }

  TEST_CASE("losses: errors") {
    CHECK(error_of([] {
            mean_squared_error(zeros({2, 3}), zeros({2}));
          }) ==
          "[mean_squared_error] targets are f32[2,3] and predictions f32[2]; both must have one shape of "
          "rank 1 or more.");
    CHECK(error_of([] { hinge(zeros({2}), zeros({2}, i32)); }) ==
          "[hinge] predictions are i32[2]; they must be f32.");
    CHECK(error_of([] {
            poisson(zeros({2, 3}), zeros({2, 3}), {.sample_weight = zeros({3})});
          }) ==
          "[poisson] sample_weight is f32[3] and the samples' losses are f32[2]; it must be f32 and like "
          "their first axes.");
    CHECK(error_of([] { huber(zeros({2}), zeros({2}), {}, 0); }) ==
          "[huber] delta is 0; it must be positive.");
    CHECK(error_of([] { binary_crossentropy(zeros({2}), zeros({2}), {}, 1.5); }) ==
          "[binary_crossentropy] label smoothing is 1.5; it must lie in [0, 1].");
    CHECK(error_of([] { categorical_crossentropy(zeros({2}), zeros({2}), {}, -1); }) ==
          "[categorical_crossentropy] label smoothing is -1; it must lie in [0, 1].");
    CHECK(error_of([] {
            sparse_categorical_crossentropy(zeros({2}, i32), zeros({3, 4}));
          }) ==
          "[sparse_categorical_crossentropy] labels are i32[2] and scores f32[3,4]; the scores must have the "
          "labels' shape and "
          "one more axis for the classes.");
    CHECK(error_of([] {
            sparse_categorical_crossentropy(zeros({3}), zeros({3, 4}));
          }) == "[sparse_categorical_crossentropy] labels are f32[3]; they must be integers (see hk::cast).");
  }
}

}  // namespace hekla::testing
