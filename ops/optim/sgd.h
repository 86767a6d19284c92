// Stochastic gradient descent.
#pragma once

#include <span>
#include <vector>

#include "graph/evaluator.h"
#include "graph/tensor.h"

namespace hekla {

/// Keras's SGD. With gradient g and learning rate lr:
///   no momentum:  x <- x - lr g
///   momentum:     v <- momentum v - lr g;  x <- x + v
///   nesterov:     v <- momentum v - lr g;  x <- x + momentum v - lr g
/// (Sutskever et al.: On the importance of initialization and momentum in deep learning, ICML 2013.)
class Sgd {
 public:
  struct Options {
    double learning_rate = 0.01;
    double momentum = 0;  ///< in [0, 1)
    bool nesterov = false;
  };
  /// Throws hekla::Error on a negative or non-finite learning rate or a momentum outside [0, 1).
  explicit Sgd(const Options& options);

  /// The updates of one step: of each variable, and of the velocities that momentum keeps.
  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients);

  /// A scalar variable: assign to it to change the rate of a compiled step.
  const Tensor& learning_rate() const { return learning_rate_; }

 private:
  Options options_;
  Tensor learning_rate_;
  std::vector<Tensor> velocities_;
};

}  // namespace hekla
