// Computation: the outputs to compute, and the variable updates to apply.
#pragma once

#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// A variable and its new value at the end of the run. Every read of a run sees the values from its start.
struct Update {
  Tensor variable;
  Tensor value;
};

struct Computation {
  std::vector<Tensor> outputs = {};
  std::vector<Update> updates = {};
};

/// The outputs, and then of each update the variable and its value.
std::vector<Tensor> roots_of(const Computation& computation);

/// Throws hekla::Error where an update's target is no variable, is updated twice, or differs from its new
/// value in shape or dtype.
void check_updates(std::span<const Update> updates);

}  // namespace hekla
