// See measure.h.
#include "bench/support/measure.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "ops/view.h"

namespace hekla::bench {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Times calls of many steps, so that reading the clock and waiting for the end are negligible.
class Timer {
 public:
  explicit Timer(Run run) : run_(std::move(run)) {
    run_(1);  // compiles
    // Warms up.
    constexpr double patience = 0.3;
    const auto start = std::chrono::steady_clock::now();
    while (seconds_since(start) < patience) run_(5);
    while (steps_ < 1 << 20 && call() < 0.01) steps_ *= 2;
  }

  /// Seconds.
  double call() {
    const auto start = std::chrono::steady_clock::now();
    run_(steps_);
    const double seconds = seconds_since(start);
    best_ = std::min(best_, seconds / steps_);
    return seconds;
  }

  int steps() const { return steps_; }
  double best() const { return best_; }

 private:
  Run run_;
  int steps_ = 1;
  double best_ = std::numeric_limits<double>::infinity();  // seconds of one step
};

struct Prepared {
  explicit Prepared(Case made)
      : measured(std::move(made)),
        timer(measured.run),
        limit(measured.limit.run ? std::make_unique<Timer>(measured.limit.run) : nullptr) {}

  Case measured;
  Timer timer;
  std::unique_ptr<Timer> limit;
};

// Google Benchmark calls a benchmark's function several times, with more iterations each time.
struct Current {
  std::string name;
  std::unique_ptr<Prepared> prepared;
} current;

void report(benchmark::State& state, const Prepared& prepared) {
  const auto& [measured, timer, limit] = prepared;
  const double best = timer.best();
  auto& counters = state.counters;
  for (const auto& [name, number] : measured.counters) counters[name] = number;
  counters["best_us"] = best * 1e6;
  if (measured.flops > 0) counters["GFLOPs"] = measured.flops / best * 1e-9;
  if (measured.bytes > 0) counters["GBs"] = measured.bytes / best * 1e-9;
  if (measured.nodes > 0) counters["ns_per_node"] = best * 1e9 / measured.nodes;
  if (!limit) return;
  const double limit_best = limit->best();
  counters["limit_us"] = limit_best * 1e6;
  if (measured.flops > 0) {
    counters["limit_GFLOPs"] = measured.limit.flops / limit_best * 1e-9;
    counters["share"] = measured.flops / best / (measured.limit.flops / limit_best);
  } else if (measured.bytes > 0) {
    counters["limit_GBs"] = measured.limit.bytes / limit_best * 1e-9;
    counters["share"] = measured.bytes / best / (measured.limit.bytes / limit_best);
  } else {
    counters["ratio"] = best / limit_best;
  }
}

void run_benchmark(benchmark::State& state, const std::string& name, const std::function<Case()>& make) {
  if (current.name != name) {
    current.prepared.reset();
    current.prepared = std::make_unique<Prepared>(make());
    current.name = name;
  }
  Prepared& prepared = *current.prepared;
  while (state.KeepRunningBatch(prepared.timer.steps())) {
    state.SetIterationTime(prepared.timer.call());
    if (prepared.limit) prepared.limit->call();
  }
  report(state, prepared);
}

}  // namespace

void add(const std::string& name, std::function<Case()> make) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [name, make = std::move(make)](benchmark::State& state) { run_benchmark(state, name, make); })
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

Run run_of(Program program) {
  return [program](int steps) mutable {
    const Tensor result = program.run(steps).front();
    slice(reshape(result, {result.count()}), {{0, 1}}).item();
  };
}

Run run_of(Program program, const Tensor& waited_for) {
  return [program, waited_for](int steps) mutable {
    program.run(steps);
    waited_for.to_vector();
  };
}

double kernels_of(const Program& program) { return std::stod(program.describe()); }

void finish() { current = {}; }

}  // namespace hekla::bench
