// The main function of every benchmark program: Google Benchmark's, which also prints the text of an Error.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "backends/device.h"
#include "bench/support/measure.h"
#include "graph/run/evaluator.h"

int main(int argc, char** argv) try {
  setenv("HEKLA_PROFILE", HEKLA_STEADY_PROFILE, 0);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("device", hekla::default_device()->name());
  hekla::bench::add_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  hekla::bench::finish();
  benchmark::Shutdown();
} catch (const std::exception& error) {
  fmt::print(stderr, "{}: {}\n", argv[0], error.what());
  return 1;
}
