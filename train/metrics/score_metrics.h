// Scores: F-measures, the coefficient of determination, correlations.
#pragma once

#include <optional>
#include <string>

#include "train/metrics/metric.h"

namespace hekla {

/// What fbeta_score takes, with Keras's names and defaults.
struct FBetaOptions {
  /// "none": the score of each class, [classes]; "micro": of all of them together; "macro": their mean; "weighted": their
  /// mean by the number of samples.
  std::string average = "none";
  double beta = 1;
  /// Predictions above it are positive; without one, the largest of each sample, unless it is 0.
  std::optional<double> threshold = {};
};

/// (1 + beta^2) precision recall / (beta^2 precision + recall) of one-hot targets and predictions, both [batch, classes].
/// Throws hekla::Error on another average, unless beta is positive and the threshold in (0, 1], and on other shapes.
/// (keras.metrics.FBetaScore; with beta 1 keras.metrics.F1Score.)
Metric fbeta_score(const FBetaOptions& options);
Metric fbeta_score();
/// The F1 score, the harmonic mean of precision and recall, for each class, averaged over the classes. The
/// predicted class of a sample is its largest prediction; targets are one-hot or integer labels.
/// (keras.metrics.F1Score with average="macro".)
Metric f1_score();

/// What r2_score takes, with Keras's names and defaults.
struct R2Options {
  /// "uniform_average", "variance_weighted_average", or "none": the score of each output, [n].
  std::string class_aggregation = "uniform_average";
  int num_regressors = 0;  ///< independent variables, for the adjusted score; 0: the score itself
};

/// The coefficient of determination: 1 - sum of (target - prediction)^2 / sum of (target - mean of targets)^2 for each
/// output, 0 where all targets are equal and some prediction is not. Targets and predictions [batch, n]. Throws
/// hekla::Error on another class_aggregation, a negative number and other shapes. (keras.metrics.R2Score.)
Metric r2_score(const R2Options& options);
Metric r2_score();

/// The mean over samples of the correlation between target and prediction along the last axis; NaN where either is
/// constant. (keras.metrics.PearsonCorrelation.)
Metric pearson_correlation();
/// The mean over samples of 2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))^2 + 1e-7) along the last axis.
/// (keras.metrics.ConcordanceCorrelation; Lin: A Concordance Correlation Coefficient to Evaluate Reproducibility,
/// Biometrics 45, 1989.)
Metric concordance_correlation();

}  // namespace hekla
