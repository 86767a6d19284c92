// What the benchmarks share. A time is the best of many runs, since disturbances only ever add time. A case
// and its limit alternate, so that a disturbance affects both.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "graph/run/program.h"
#include "graph/tensor.h"

namespace hekla::bench {

/// Runs that many steps and waits for them.
using Run = std::function<void(int steps)>;

/// An upper limit, or a reference to compare the case with.
struct Limit {
  Run run = nullptr;
  double flops = 0;  ///< of one step
  double bytes = 0;  ///< read and written by one step
};

struct Case {
  Run run;
  double flops = 0;
  double bytes = 0;
  double nodes = 0;  ///< of the graph that a step plans or builds
  Limit limit = {};
  std::map<std::string, double> counters = {};  ///< printed as they are
};

/// Registers a benchmark. `make` is called when the benchmark starts, and what it returns is freed before the
/// next one. Counters: best_us (of one step), GFLOPs, GBs and ns_per_node where the case has the numbers.
/// With a limit also limit_us and `share`, the case's rate as a fraction of the limit's, or `ratio` of the
/// two times where there is no rate.
void add(const std::string& name, std::function<Case()> make);

/// Defined by every benchmark program: calls add().
void add_benchmarks();

/// Frees what the last benchmark holds; must be called before devices are destroyed.
void finish();

/// Runs a program, and waits by reading an element of its first output.
Run run_of(Program program);
/// Waits by reading `waited_for`, a small variable that the program updates.
Run run_of(Program program, const Tensor& waited_for);

/// Number of kernels in a program's plan.
double kernels_of(const Program& program);

}  // namespace hekla::bench
