// Program: a computation compiled once, by hand, to be run many times.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/run/evaluator.h"

namespace hekla {

class Program {
 public:
  using Feeds = std::vector<std::pair<Tensor, Tensor>>;

  /// Runs `steps` times in a row without host work in between, every input fed with the tensor paired with
  /// it. Returns the outputs of the last step, in the order given to compile(). The results stay valid while
  /// they are held. Throws hekla::Error on an input that is not fed, a feed of another shape or dtype, or
  /// steps < 1.
  std::vector<Tensor> run(const Feeds& feeds, int steps = 1);
  std::vector<Tensor> run(int steps = 1) { return run({}, steps); }

  /// The plan as text: kernels, memory, barriers.
  std::string describe() const { return executable_->describe(); }

 private:
  friend Program compile(Computation computation, std::shared_ptr<Evaluator> device);
  Program() = default;

  Computation computation_;
  std::shared_ptr<Evaluator> device_;
  std::shared_ptr<Executable> executable_;
  std::vector<const Node*> leaves_;
  std::vector<Tensor> numbers_;  // those of the leaves that hold numbers
};

/// Compiles outputs and updates for `device` (default: the default device). Unlike evaluation, a program
/// recomputes everything from variables, inputs and data at every run, whatever values are held.
Program compile(Computation computation, std::shared_ptr<Evaluator> device = nullptr);

}  // namespace hekla
