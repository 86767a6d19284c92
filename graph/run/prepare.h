// Finding the compiled form of a computation by its structure, or making it.
#pragma once

#include <memory>
#include <vector>

#include "graph/compiler/capture.h"
#include "graph/compiler/numbers.h"
#include "graph/computation.h"
#include "graph/run/evaluator.h"
#include "graph/run/number_history.h"
#include "graph/run/plan_cache.h"

namespace hekla {

/// What an Evaluator keeps of the computations that it was given.
struct CompiledComputations {
  PlanCache plans;
  NumberHistory numbers;
};

/// The compiled form of a computation, found by its structure or made, and what its number_leaves() hold.
/// Moves from the capture's key.
struct Prepared {
  std::shared_ptr<Executable> executable;
  std::vector<compiler::NumberArray> numbers;
};
Prepared prepare(const Computation& computation, compiler::Capture& captured, Evaluator& device);

}  // namespace hekla
