// The convolution of the CNN's second layer and its gradients, compared with the driver's peak of
// multiply-adds.
//   cmake --preset release && cmake --build build/release --target bench_convolution &&
//   build/release/bench/bench_convolution
#include "bench/support/limits.h"
#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t batch = 32, size = 14, in = 32, out = 64;

struct Layer {
  Tensor x = variable(random_uniform({batch, size, size, in}, random_key(1, 0)), "x");
  Tensor kernel = variable(random_uniform({3, 3, in, out}, random_key(1, 1)), "kernel");
  Tensor weight = variable(random_uniform({batch, size, size, out}, random_key(1, 2)), "weight");

  Tensor y() const { return conv2d(x, kernel, {.padding = PaddingMode::same}); }
  Tensor gradient(const Tensor& of) const { return grad(sum(y() * weight), of); }
};

Case case_of(const Tensor& result) {
  const Program program = compile({.outputs = {result}});
  return {.run = run_of(program),
          .flops = 2.0 * batch * size * size * 3 * 3 * in * out,
          .limit = multiply_add_peak(),
          .counters = {{"kernels", kernels_of(program)}}};
}

}  // namespace

void add_benchmarks() {
  add("convolution/y", [] { return case_of(Layer().y()); });
  add("convolution/dx", [] {
    const Layer layer;
    return case_of(layer.gradient(layer.x));
  });
  add("convolution/dkernel", [] {
    const Layer layer;
    return case_of(layer.gradient(layer.kernel));
  });
}

}  // namespace hekla::bench
