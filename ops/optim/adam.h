// Adam.
#pragma once

#include <span>
#include <vector>

#include "graph/evaluator.h"
#include "graph/tensor.h"

namespace hekla {

/// Keras's Adam. With gradient g, learning rate lr and t counting the steps from 1:
///   m <- m + (1 - beta_1) (g - m);  v <- v + (1 - beta_2) (g^2 - v)
///   x <- x - lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
/// amsgrad: the largest v so far takes v's place in the last line.
/// (Kingma, Ba: Adam, ICLR 2015; Reddi, Kale, Kumar: On the Convergence of Adam and Beyond, ICLR 2018.)
class Adam {
 public:
  struct Options {
    double learning_rate = 0.001;
    double beta_1 = 0.9;    ///< in [0, 1)
    double beta_2 = 0.999;  ///< in [0, 1)
    double epsilon = 1e-7;
    bool amsgrad = false;
  };
  /// Throws hekla::Error on a learning rate or an epsilon that is negative or not finite, or a beta outside
  /// [0, 1).
  explicit Adam(const Options& options);

  /// The updates of one step: of each variable, of its moments, and of the counter of steps. Throws
  /// hekla::Error when the lists differ in length or do not belong to the variables whose moments are kept.
  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients);

  /// A scalar variable: assign to it to change the rate of a compiled step.
  const Tensor& learning_rate() const { return learning_rate_; }
  /// A scalar variable (i32): the steps made so far.
  const Tensor& iterations() const { return iterations_; }

 private:
  Options options_;
  Tensor learning_rate_;
  Tensor iterations_;
  std::vector<Tensor> means_;
  std::vector<Tensor> squares_;
  std::vector<Tensor> largest_squares_;  // amsgrad only
};

}  // namespace hekla
