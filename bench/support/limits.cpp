// See limits.h.
#include "bench/support/limits.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <vector>

#include "graph/op.h"
#include "ops/create.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t invocations = 1024;

// Twelve independent chains hide the latency of a multiply-add and fit in the registers.
const CustomKernel multiply_adds_kernel{.body = R"(
  float a = load0(0), b = load0(1);
  vec4 x = vec4(0, 1, 2, 3) + float(invocation), y = x + 4.0, z = x + 8.0;
#define ONCE x = x * a + b; y = y * a + b; z = z * a + b;
#define FOUR ONCE ONCE ONCE ONCE
  for (int i = 0; i < 1000; ++i) { FOUR FOUR FOUR }
  x += y + z;
  store(invocation, x.x + x.y + x.z + x.w);
)",
                                        .invocations = [](const Node& node) { return node.shape[0]; }};
constexpr double flops_of_an_invocation = 1000.0 * 12 * 12 * 2;

const Op multiply_adds_op{.name = "multiply_adds",
                          .kind = Kind::custom,
                          .arity = 1,
                          .infer = [](const Node&) -> Meta {
                            return {{invocations}, DType::f32};
                          },
                          .kernel = &multiply_adds_kernel};

Limit plain(std::function<void()> loop, std::int64_t count, int bytes_per_element) {
  return {.run =
              [loop = std::move(loop)](int steps) {
                for (int i = 0; i < steps; ++i) loop();
              },
          .bytes = static_cast<double>(count) * bytes_per_element};
}

std::vector<float> floats(std::int64_t count) {
  return std::vector<float>(static_cast<std::size_t>(count), 0.5F);
}

}  // namespace

Limit multiply_add_peak() {
  // Its hand-written kernel is GLSL, which only drivers run.
  if (default_device()->name().starts_with("native")) return {};
  const Tensor factors = variable(tensor({0.5, 1}), "factors");
  return {.run = run_of(compile({.outputs = {apply(multiply_adds_op, {factors})}})),
          .flops = flops_of_an_invocation * invocations};
}

Limit plain_copy(std::int64_t count) {
  return plain(
      [x = floats(count), y = floats(count)]() mutable {
        for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i];
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
      },
      count, 8);
}

Limit plain_map(std::int64_t count) {
  return plain(
      [x = floats(count), y = floats(count), z = floats(count), a = 0.5F]() mutable {
        benchmark::DoNotOptimize(a);
        for (std::size_t i = 0; i < x.size(); ++i) z[i] = a * x[i] + y[i];
        benchmark::DoNotOptimize(z.data());
        benchmark::ClobberMemory();
      },
      count, 12);
}

Limit plain_sum(std::int64_t count) {
  return plain(
      [x = floats(count)] {
        // A single accumulator would be bound by the latency of its additions, not by memory.
        std::array<float, 32> sums = {};
        for (std::size_t i = 0; i + sums.size() <= x.size(); i += sums.size()) {
          for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += x[i + k];
        }
        benchmark::DoNotOptimize(sums);
      },
      count, 4);
}

}  // namespace hekla::bench
