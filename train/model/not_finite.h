// Finds the operation from which NaN or infinity comes.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "graph/run/program.h"
#include "train/model/steps.h"

namespace hekla {

/// A copy, on the device, of the variables that a step changes.
class Snapshot {
 public:
  explicit Snapshot(const Computation& step);
  void take();
  void restore();
  /// True when the variables are finite now.
  bool is_finite();

 private:
  explicit Snapshot(const std::array<Program, 3>& programs);

  Program take_, restore_, look_;
};

/// The origin of NaN as a clause for an error text, with layers: the first operation of a step whose result
/// is NaN though no operand is. The first one before it whose result is infinite though all operands are
/// finite is named, too. Computes the step's graph with the current values of the variables; changes nothing.
std::string first_not_finite(const TrainingStep& step, const Program::Feeds& feeds);

}  // namespace hekla
