// The overhead of a kernel: one of a chain that is recorded together, and one that is submitted and waited
// for by itself. The number in a name is the number of invocations of the kernel.
//   cmake --preset release && cmake --build build/release --target bench_dispatch &&
//   build/release/bench/bench_dispatch
#include <fmt/format.h>

#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

// A custom kernel, since it does not fuse.
const CustomKernel increment_kernel{.body = "  store(invocation, load0(invocation) + 1.0);\n",
                                    .invocations = [](const Node& node) { return node.shape.count(); }};
const Op increment_op{.name = "increment",
                      .kind = Kind::custom,
                      .arity = 1,
                      .infer = float_operands,
                      .kernel = &increment_kernel};

Tensor chain(std::int64_t count, int kernels) {
  Tensor x = variable(zeros({count}));
  for (int i = 0; i < kernels; ++i) x = apply(increment_op, {x});
  return x;
}

}  // namespace

void add_benchmarks() {
  constexpr int length = 100;
  for (const std::int64_t count : {8, 64, 4096}) {
    add(fmt::format("dispatch/recorded {}/{}", length, count),
        [=] { return Case{.run = run_of(compile({.outputs = {chain(count, length)}}))}; });
    add(fmt::format("dispatch/submitted alone/{}", count), [=] {
      return Case{.run = [program = compile({.outputs = {chain(count, 1)}})](int steps) mutable {
        for (int i = 0; i < steps; ++i) program.run().front().to_vector();
      }};
    });
  }
}

}  // namespace hekla::bench
