// See loss_metrics.h.
#include "train/metrics/loss_metrics.h"

#include "ops/elementwise.h"
#include "ops/loss.h"
#include "ops/reduce.h"
#include "train/metrics/metric_parts.h"

namespace hekla {

namespace {

using LossFunction = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);

Tensor of_samples(LossFunction loss, const Tensor& targets, const Tensor& predictions) {
  return loss(targets, predictions, {.reduction = Reduction::none});
}

// The targets get the shape of the predictions, as those of the other metrics.
Metric mean_of(const std::string& name, LossFunction loss) {
  return mean_metric(name, [=](const Tensor& targets, const Tensor& predictions) {
    return of_samples(loss, targets_beside(name, targets, predictions), predictions);
  });
}

}  // namespace

Metric mean_squared_error_metric() {
  return mean_metric("mean_squared_error", [](const Tensor& targets, const Tensor& predictions) {
    return square(targets_beside("mean_squared_error", targets, predictions) - predictions);
  });
}

Metric mean_absolute_error_metric() {
  return mean_metric("mean_absolute_error", [](const Tensor& targets, const Tensor& predictions) {
    return abs(targets_beside("mean_absolute_error", targets, predictions) - predictions);
  });
}

Metric root_mean_squared_error() {
  const Metric squared = mean_squared_error_metric();
  return {"root_mean_squared_error",
          [squared](const Tensor& targets, const Tensor& predictions, const Tensor& weight) {
            return squared.measure(targets, predictions, weight);
          },
          [squared](const std::vector<Tensor>& sums) { return sqrt(squared.result(sums)); }};
}

Metric mean_absolute_percentage_error_metric() {
  return mean_of("mean_absolute_percentage_error", mean_absolute_percentage_error);
}
Metric mean_squared_logarithmic_error_metric() {
  return mean_of("mean_squared_logarithmic_error", mean_squared_logarithmic_error);
}

Metric cosine_similarity_metric() {
  return mean_metric("cosine_similarity", [](const Tensor& targets, const Tensor& predictions) {
    return -of_samples(cosine_similarity, targets_beside("cosine_similarity", targets, predictions),
                       predictions);
  });
}

Metric log_cosh_error() { return mean_of("logcosh", log_cosh); }
Metric poisson_metric() { return mean_of("poisson", poisson); }
Metric kl_divergence_metric() { return mean_of("kl_divergence", kl_divergence); }
Metric squared_hinge_metric() { return mean_of("squared_hinge", squared_hinge); }
Metric hinge_metric() { return mean_of("hinge", hinge); }
Metric categorical_hinge_metric() { return mean_of("categorical_hinge", categorical_hinge); }
Metric binary_crossentropy_metric() { return mean_of("binary_crossentropy", binary_crossentropy); }
Metric categorical_crossentropy_metric() {
  return mean_of("categorical_crossentropy", categorical_crossentropy);
}

Metric sparse_categorical_crossentropy_metric() {
  return mean_metric("sparse_categorical_crossentropy", [](const Tensor& targets, const Tensor& predictions) {
    return of_samples(sparse_categorical_crossentropy, labels_of(targets, predictions), predictions);
  });
}

}  // namespace hekla
