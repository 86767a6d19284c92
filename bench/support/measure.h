// What the benchmarks share. A time is the best of many runs, since whatever else a machine does only ever
// adds time; a limit is measured in turns with what it limits, so that what disturbs one disturbs both.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "graph/run/program.h"
#include "graph/tensor.h"

namespace hekla::bench {

/// Does that many steps and waits for them.
using Run = std::function<void(int steps)>;

/// What can be done at most, or what the case is to be compared with.
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

/// Registers a benchmark. `make` is called when it is its turn, and what it holds is freed before the next
/// one. Counters: best_us (of one step), GFLOPs, GBs and ns_per_node where the case counts them, and with a
/// limit limit_us and `share`, the case's rate as a part of the limit's, or, where nothing is counted,
/// `ratio` of the two times.
void add(const std::string& name, std::function<Case()> make);

/// Defined by every benchmark program: calls add().
void add_benchmarks();

/// Frees what the last benchmark holds; to be called while devices are still there.
void finish();

/// Runs a program, and waits by reading an element of its first output.
Run run_of(Program program);
/// Waits by reading `waited_for`, a small variable that the program updates.
Run run_of(Program program, const Tensor& waited_for);

/// Kernels of a program's plan.
double kernels_of(const Program& program);

}  // namespace hekla::bench
