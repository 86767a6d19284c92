// Losses as metrics: the mean over all samples of a loss of ops/loss.h, under Keras's names.
#pragma once

#include "train/metrics/metric.h"

namespace hekla {

/// The mean of (target - prediction)^2.
Metric mean_squared_error_metric();
/// The mean of |target - prediction|.
Metric mean_absolute_error_metric();
/// The square root of the mean of (target - prediction)^2.
Metric root_mean_squared_error();
/// The mean of hk::mean_absolute_percentage_error.
Metric mean_absolute_percentage_error_metric();
/// The mean of hk::mean_squared_logarithmic_error.
Metric mean_squared_logarithmic_error_metric();
/// The mean of the cosine of the angle between target and prediction, 1 for the same direction; 0 where either is a zero
/// vector. (keras.metrics.CosineSimilarity; the loss of that name is its negative.)
Metric cosine_similarity_metric();
/// The mean of hk::log_cosh. (keras.metrics.LogCoshError, shown as "logcosh".)
Metric log_cosh_error();
/// The mean of hk::poisson.
Metric poisson_metric();
/// The mean of hk::kl_divergence.
Metric kl_divergence_metric();
/// The mean of hk::hinge, hk::squared_hinge and hk::categorical_hinge.
Metric hinge_metric();
Metric squared_hinge_metric();
Metric categorical_hinge_metric();
/// The mean of hk::binary_crossentropy, hk::categorical_crossentropy and hk::sparse_categorical_crossentropy, of
/// probabilities.
Metric binary_crossentropy_metric();
Metric categorical_crossentropy_metric();
Metric sparse_categorical_crossentropy_metric();

}  // namespace hekla
