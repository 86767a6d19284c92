// Several optimizers for the variables of one model.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ops/optim/optimizer.h"

namespace hekla {

/// Which optimizer a variable has, as keras.optimizers.OptimizerMap: that of the pattern equal to its label ("dense/kernel"),
/// else that of the regular expression (std::regex, of the whole label) that matches it, else the default.
///   OptimizerMap(SGD(), {{"encoder/.*", Adam()}})
class OptimizerMap {
 public:
  /// Throws hekla::Error on a pattern that is there twice or is no regular expression.
  explicit OptimizerMap(Optimizer default_optimizer,
                        std::vector<std::pair<std::string, Optimizer>> optimizers = {});

  /// Throws hekla::Error where several patterns match.
  Optimizer operator()(const Tensor& variable) const;

 private:
  Optimizer default_;
  std::vector<std::pair<std::string, Optimizer>> optimizers_;
};

/// Keras's MultiOptimizer: each variable is trained by the optimizer that a function of the variable gives, such as an
/// OptimizerMap, with its own learning rate, options and counter. Variables with copies of one optimizer are trained together.
/// Keeps a counter of its own, and what these keep, in front of whose labels stand their names. There is no common
/// learning rate: learning_rate and set_learning_rate throw hekla::Error. It throws also where the function gives a
/// MultiOptimizer or a LossScaleOptimizer, which belongs around this one, and as the optimizers.
///   Optimizer optimizer = MultiOptimizer(OptimizerMap(SGD(), {{"embedding/.*", Adam()}}));
struct MultiOptimizer : Optimizer {
  explicit MultiOptimizer(std::function<Optimizer(const Tensor& variable)> optimizer_of);
};

}  // namespace hekla
