// Plan: a compiled computation: kernels in order, the memory they use and the barriers between them. A device
// records it once and runs it many times.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/compiler/graph.h"
#include "graph/compiler/kernel.h"
#include "graph/compiler/memory.h"
#include "graph/compiler/profile.h"

namespace hekla::compiler {

struct Plan {
  std::vector<Slot> slots;
  std::vector<Kernel> kernels;       // in order of execution
  std::vector<Repeated> loops;       // outer ones before those inside
  std::vector<bool> barrier_before;  // for each kernel
  std::int64_t arena_bytes = 0;
  std::vector<int> output_slots;
  std::vector<PlanNumber> numbers;
  std::vector<NumberLeaf> number_leaves;  // of the numbers that are data
};

struct PlanOptions {
  bool fuse = true;  ///< false: every node its own kernel
  DeviceProfile device = {};
};

/// Compiles a graph into a plan.
Plan make_plan(const Graph& collected, const PlanOptions& options);

/// The plan as text, the same on every machine: for people and for golden tests.
std::string to_string(const Plan& plan);

}  // namespace hekla::compiler
