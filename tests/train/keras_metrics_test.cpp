// Metrics against Keras 3.15's of the same names over the same numbers, unweighted and weighted.
#include <doctest/doctest.h>

#include <cmath>

#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/metric_result.h"
#include "train/metrics/metrics.h"

namespace hekla::testing {

namespace {

Tensor integers(const std::vector<std::int32_t>& numbers) { return tensor(numbers); }

void check_near(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

// The numbers of three samples, and the weights of all tests.
Tensor targets() { return tensor({2, -4, 1, 0.5, 0.25, 3}, {3, 2}); }
Tensor predictions() { return tensor({1, -5, 3, 0.25, 0.5, 2}, {3, 2}); }
Tensor shares() { return tensor({0.2, 0.8, 0.5, 0.5, 0.9, 0.1}, {3, 2}); }
Tensor other_shares() { return tensor({0.3, 0.7, 0.6, 0.4, 0.4, 0.6}, {3, 2}); }
Tensor weights() { return tensor({1, 0.5, 2}); }

struct Case {
  Metric metric;
  double plain, weighted;
};

void check_all(const std::vector<Case>& cases, const Tensor& t, const Tensor& p, const Tensor& w) {
  for (const Case& each : cases) {
    CAPTURE(each.metric.name());
    CHECK(result(each.metric, t, p) == doctest::Approx(each.plain).epsilon(1e-5));
    CHECK(result(each.metric, t, p, w) == doctest::Approx(each.weighted).epsilon(1e-5));
    // Batches of different sizes accumulate to the same.
    CHECK(result(each.metric, t, p, w, 2) == doctest::Approx(each.weighted).epsilon(1e-5));
  }
}

}  // namespace

TEST_SUITE("metrics") {
  TEST_CASE("metrics that are losses: Keras's numbers") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      check_all({{"mape", 76.3888931, 66.6666718},
                 {"msle", 0.132349715, 0.0933218971},
                 {"cosine_similarity", 0.960057795, 0.972248018},
                 {"logcosh", 0.448034167, 0.353564203},
                 {"root_mean_squared_error", 1.08972478, 0.937797546},
                 {"pearson_correlation", 1, 1},
                 {"concordance_correlation", 0.665140867, 0.761190414}},
                targets(), predictions(), weights());
      check_all({{"poisson", 0.852572739, 0.876343071},
                 {"kl_divergence", 0.198934779, 0.324931413},
                 {"bce", 0.705145657, 0.752686322},
                 {"categorical_crossentropy", 0.705145597, 0.752686203}},
                shares(), other_shares(), weights());
      check_all({{"hinge", 0.933333337, 1.15714288},
                 {"squared_hinge", 1.13666666, 1.58285713},
                 {"categorical_hinge", 0.733333349, 1.08571434}},
                tensor({0.0, 1, 1, 1, 0, 0}, {3, 2}), other_shares(), weights());
      check_all({{"sparse_categorical_crossentropy", 0.877029717, 0.766791224}}, integers({0, 1, 1}),
                other_shares(), weights());
    }
    set_default_device(reference());
    CHECK(Metric("log_cosh_error").name() == "log_cosh_error");
    CHECK(log_cosh_error().name() == "logcosh");
    CHECK(error_of([] {
            hinge_metric().measure(zeros({2, 3}), zeros({3, 2}));
          }) ==
          "[hinge] targets are f32[2,3] and predictions f32[3,2]; there is a target for each prediction.");
    CHECK(error_of([] {
            Metric("kl_divergence").measure(zeros({2, 3}), zeros({3, 2}));
          }).starts_with("[kl_divergence] targets are"));
  }

  TEST_CASE("metrics of determination: Keras's numbers") {
    reference();
    check_all({{r2_score, -0.682868898, 0.192750663},
               {r2_score({.class_aggregation = "variance_weighted_average"}), 0.733229339, 0.822750688}},
              targets(), predictions(), weights());
    check_near(results(r2_score({.class_aggregation = "none"}), targets(), predictions(), weights()),
               {-0.521739125, 0.90724045});
    const Metric adjusted = r2_score({.num_regressors = 2});
    CHECK(result(adjusted, targets(), predictions()) == doctest::Approx(-1.80478168));
    CHECK(result(adjusted, tensor({2, -4, 1, 0.5, 0.25, 3, 1, 2, -1, 0}, {5, 2}),
                 tensor({1, -5, 3, 0.25, 0.5, 2, 1, 1, -2, 0}, {5, 2}), {},
                 2) == doctest::Approx(0.144302905));
    // With as many regressors as there are numbers the score is the plain one.
    CHECK(result(r2_score({.num_regressors = 5}), targets(), predictions()) == doctest::Approx(-0.682868898));
    CHECK(result(r2_score, tensor({1.0, 1}, {2, 1}), tensor({1.0, 2}, {2, 1})) == 0);
    CHECK(error_of([] {
            r2_score({.class_aggregation = "mean"});
          }).starts_with("[r2_score] class_aggregation 'mean' is unknown"));
    CHECK(error_of([] { r2_score({.num_regressors = -1}); }) ==
          "[r2_score] num_regressors is -1; it must not be negative.");
    CHECK(error_of([] {
            r2_score().measure(zeros({2, 3, 1}), zeros({2, 3, 1}));
          }) == "[r2_score] predictions are f32[2,3,1]; they must be [batch, n].");
  }

  TEST_CASE("metrics of correlation: where nothing varies") {
    reference();
    CHECK(std::isnan(result(pearson_correlation, tensor({1.0, 1}, {1, 2}), tensor({1.0, 2}, {1, 2}))));
    CHECK(result(concordance_correlation, tensor({1.0, 1}, {1, 2}), tensor({1.0, 2}, {1, 2})) == 0);
    CHECK(result(pearson_correlation, tensor({0, 1, 0.5, 1, 1, 0.2}, {2, 3}),
                 tensor({0.1, 0.9, 0.5, 1, 0.9, 0.2}, {2, 3})) == doctest::Approx((1 + 0.99339927) / 2));
  }

  TEST_CASE("metrics of what is positive: Keras's numbers") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const Tensor truth = tensor({0.0, 1, 1, 0, 1, 0, 1, 0});
      const Tensor sure = tensor({0.1, 0.9, 0.4, 0.45, 0.8, 0.3, 0.65, 0.7});
      const Tensor weight = tensor({1, 2, 0.5, 1, 1, 3, 1, 0.5});
      check_all({{true_positives, 3, 4},
                 {false_positives, 1, 0.5},
                 {true_negatives, 3, 5},
                 {false_negatives, 1, 0.5},
                 {true_positives(0.4), 3, 4},
                 {false_positives(0.4), 2, 1.5},
                 {true_negatives(0.4), 2, 4},
                 {false_negatives(0.4), 1, 0.5},
                 {sensitivity_at_specificity(0.5), 1, 1},
                 {sensitivity_at_specificity(0.8), 0.5, 0.888888896},
                 {sensitivity_at_specificity(1), 0.5, 0.666666687},
                 {sensitivity_at_specificity(0.7, 3), 0.75, 0.888888896},
                 {sensitivity_at_specificity(0.7, 1), 0.75, 0.888888896},
                 {specificity_at_sensitivity(0.5), 1, 1},
                 {specificity_at_sensitivity(0.8), 0.5, 0.909090936},
                 {specificity_at_sensitivity(1), 0.5, 0.727272749},
                 {specificity_at_sensitivity(0.7, 1), 0.75, 0.909090936},
                 {precision_at_recall(0.5), 1, 1},
                 {precision_at_recall(0.8), 0.666666687, 0.888888896},
                 {precision_at_recall(1), 0.666666687, 0.75},
                 {recall_at_precision(0.8), 0.5, 0.888888896},
                 {recall_at_precision(1), 0.5, 0.666666687},
                 {recall_at_precision(0.7, 3), 0.75, 0.888888896},
                 {auc(20), 0.8125, 0.949494898},
                 {auc({.num_thresholds = 20, .summation_method = "minoring"}), 0.8125, 0.949494898},
                 {auc({.num_thresholds = 20, .curve = "PR"}), 0.836918712, 0.943072379},
                 {auc({.num_thresholds = 20, .curve = "PR", .summation_method = "minoring"}), 0.566666663,
                  0.493506491},
                 {auc({.num_thresholds = 20, .curve = "pr", .summation_method = "majoring"}), 0.854166687,
                  0.947530866}},
                truth, sure, weight);
      // No threshold reaches it.
      CHECK(result(recall_at_precision(0.9), tensor({1.0, 0}), tensor({0.2, 0.6})) == 0);
    }
    set_default_device(reference());
    CHECK(error_of([] { sensitivity_at_specificity(1.5); }) ==
          "[sensitivity_at_specificity] specificity is 1.5; it must lie in [0, 1].");
    CHECK(error_of([] { recall_at_precision(-1); }) ==
          "[recall_at_precision] precision is -1; it must lie in [0, 1].");
    CHECK(error_of([] { precision_at_recall(0.5, 0); }) ==
          "[precision_at_recall] 0 thresholds; at least 1 is needed.");
    CHECK(error_of([] { auc({.curve = "gain"}); }) ==
          "[auc] curve 'gain' is unknown; choose one of roc, pr.");
    CHECK(error_of([] { auc({.summation_method = "left"}); }).starts_with("[auc] summation_method 'left'"));
    CHECK(error_of([] {
            true_positives().measure(zeros({2}), zeros({3}));
          }).starts_with("[true_positives] targets are f32[2]"));
  }

  TEST_CASE("metrics of regions: Keras's numbers") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const Tensor labels = integers({0, 1, 2, 2, 1, 0, 2}), taken = integers({0, 2, 2, 1, 1, 0, 0});
      const Tensor weight = tensor({1.0, 2, 1, 3, 1, 1, 2});
      check_all({{iou(3, {0, 2}), 0.458333343, 0.3125},
                 {iou(3, {0, 1, 2}, {.ignore_class = 1}), 0.333333343, 0.222222224},
                 {mean_iou(4), 0.416666657, 0.263888896},
                 {iou(2, {0, 1}), 1, 1}},
                labels, cast(taken, f32), weight);
      const Tensor hot = one_hot(labels, 3), scores = one_hot(taken, 3) * 0.6 + 0.1;
      check_all(
          {{one_hot_iou(3, {0, 2}), 0.458333343, 0.3125}, {one_hot_mean_iou(3), 0.416666657, 0.263888896}},
          hot, scores, weight);
      // The labels of an image's pixels beside their scores; each weight is that of an image.
      CHECK(result(mean_iou(3, {.sparse_y_pred = false}), reshape(labels, {1, 7, 1}),
                   reshape(scores, {1, 7, 3}), tensor({2.0})) == doctest::Approx(0.416666657));
      check_all({{binary_iou, 0.583333373, 0.458333343}, {binary_iou({1}, 0.65), 0.5, 2.0 / 3}},
                tensor({0.0, 1, 0, 1}), tensor({0.1, 0.5, 0.6, 0.7}), tensor({1.0, 2, 3, 4}));
    }
    set_default_device(reference());
    CHECK(error_of([] { iou(3, {3}); }) == "[iou] class 3 is asked for; there are 0 to 2.");
    CHECK(error_of([] { mean_iou(0); }) == "[mean_iou] 0 classes; at least one is needed.");
    CHECK(error_of([] { mean_iou(2).measure(zeros({2}, i32), zeros({3})); }) ==
          "[mean_iou] targets are i32[2] and predictions f32[3]; there is a label for each prediction.");
  }

  TEST_CASE("F-measures: Keras's numbers") {
    reference();
    const Tensor truth = tensor({1.0, 1, 1, 1, 0, 0, 1, 1, 0}, {3, 3});
    const Tensor sure = tensor({0.2, 0.6, 0.7, 0.2, 0.6, 0.6, 0.6, 0.8, 0}, {3, 3});
    const auto each = [&](const FBetaOptions& options, const std::vector<double>& plain,
                          const std::vector<double>& weighted) {
      check_near(results(fbeta_score(options), truth, sure), plain);
      check_near(results(fbeta_score(options), truth, sure, weights(), 2), weighted);
    };
    each({.beta = 2, .threshold = 0.5}, {0.384615391, 0.909090936, 0.833333194},
         {0.625, 0.967741907, 0.909090757});
    each({}, {0, 0.49999994, 0.666666567}, {0, 0.727272689, 0.799999893});
    each({.average = "micro"}, {0.399999946}, {0.521739125});
    each({.average = "macro"}, {0.388888836}, {0.509090841});
    each({.average = "weighted"}, {0.277777761}, {0.397575736});
    each({.average = "weighted", .beta = 0.5, .threshold = 0.5}, {0.687830567}, {0.85397625});
    check_near(results("fbeta_score", tensor({1.0, 0}, {1, 2}), tensor({0.0, 0}, {1, 2})), {0, 0});
    CHECK(error_of([] {
            fbeta_score({.average = "mean"});
          }).starts_with("[fbeta_score] average 'mean' is unknown; choose one of none, micro"));
    CHECK(error_of([] { fbeta_score({.beta = 0}); }) == "[fbeta_score] beta is 0; it must be positive.");
    CHECK(error_of([] { fbeta_score({.threshold = 1.5}); }) ==
          "[fbeta_score] threshold is 1.5; it must lie in (0, 1].");
    CHECK(error_of([] { fbeta_score().measure(zeros({2}), zeros({2})); }) ==
          "[fbeta_score] predictions are f32[2]; they must be [batch, n].");
  }

  TEST_CASE("sums over samples") {
    reference();
    const Metric total = sum_metric("total", [](const Tensor&, const Tensor& p) { return p; });
    CHECK(result(total, zeros({3}), tensor({1.0, 2, 4}), {}, 2) == 7);
    CHECK(result(total, zeros({3}), tensor({1.0, 2, 4}), tensor({1.0, 0, 2}), 2) == 9);
    CHECK(error_of([] {
            sum_metric("none", [](const Tensor&, const Tensor&) {
              return zeros({5});
            }).measure(zeros({3}), zeros({3}));
          }).starts_with("[metric] the function gives f32[5]"));
  }
}

}  // namespace hekla::testing
