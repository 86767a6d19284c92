// Metric: a measurement over a whole data set, accumulated batch by batch on the device. A metric is two
// functions: what a batch adds to some accumulators, and the result computed from them. metrics.h has the
// usual ones.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Any metric: one of metrics.h, its name, or your own, made of two functions.
class Metric {
 public:
  /// What one batch adds to each sum (accumulator): tensors whose shapes do not depend on the batch.
  /// `sample_weight` is f32 [batch], or [batch, time] where the predictions have a mask, or empty: every sample
  /// counts as 1.
  using Measure = std::function<std::vector<Tensor>(const Tensor& targets, const Tensor& predictions,
                                                    const Tensor& sample_weight)>;
  /// The result computed from the sums: a number, or a tensor such as a confusion matrix.
  using Result = std::function<Tensor(const std::vector<Tensor>& sums)>;

  Metric(std::string name, Measure measure, Result result);
  /// hk::accuracy and other functions that make a metric without further options.
  Metric(Metric (*make)()) : Metric(make()) {}
  /// Keras's names of metrics that need no options, in letters of any case, such as "accuracy", "auc", "mse" or
  /// "r2_score". Throws hekla::Error for another, with the list of them.
  Metric(std::string_view name);
  Metric(const char* name) : Metric(std::string_view(name)) {}

  const std::string& name() const { return name_; }
  /// A copy of this metric under another name.
  Metric named(std::string name) const;

  std::vector<Tensor> measure(const Tensor& targets, const Tensor& predictions,
                              const Tensor& sample_weight = {}) const {
    return measure_(targets, predictions, sample_weight);
  }
  Tensor result(const std::vector<Tensor>& sums) const { return result_(sums); }

 private:
  std::string name_;
  Measure measure_;
  Result result_;
};

/// The mean over all samples of a function that gives one number for each, [batch, ..], or one for the batch.
Metric mean_metric(std::string name,
                   std::function<Tensor(const Tensor& targets, const Tensor& predictions)> function);

/// The sum of such a function over all samples, f32, each multiplied by its weight where there is one.
Metric sum_metric(std::string name,
                  std::function<Tensor(const Tensor& targets, const Tensor& predictions)> function);

}  // namespace hekla
