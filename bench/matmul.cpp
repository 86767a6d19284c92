// The speed of a matrix product, compiled by itself and run many times in a row.
//   cmake --preset release && cmake --build build/release --target bench_matmul &&
//   build/release/bench/bench_matmul
#include <fmt/format.h>

#include <array>

#include "bench/measure.h"
#include "hekla.h"

namespace {

using namespace hekla;

struct Size {
  std::int64_t rows, inner, columns;
};

double product_seconds(const Size& size) {
  const Tensor a = variable(random_uniform({size.rows, size.inner}, random_key(1, 0), -1, 1), "a");
  const Tensor b = variable(random_uniform({size.inner, size.columns}, random_key(1, 1), -1, 1), "b");
  Program product = compile({.outputs = {matmul(a, b)}});
  return bench::best_step_seconds([&](int steps) {
    // Reading an element waits for the run.
    slice(product.run(steps).front(), {{0, 1}, {0, 1}}).item();
  });
}

}  // namespace

int main() try {
  fmt::print("{}\n\n{:<24}{:>11}{:>18}\n", default_device()->name(), "matmul, f32", "best", "speed");
  constexpr std::array sizes = {Size{512, 512, 512}, Size{256, 256, 256}, Size{1024, 1024, 1024},
                                Size{32, 784, 100}, Size{784, 32, 100}};
  for (const Size& size : sizes) {
    const double seconds = product_seconds(size);
    const double work = 2.0 * static_cast<double>(size.rows * size.inner * size.columns);
    fmt::print("{:<24}{:>8.3f} ms{:>10.1f} GFLOP/s\n",
               fmt::format("{} x {} x {}", size.rows, size.inner, size.columns), seconds * 1e3,
               work / seconds * 1e-9);
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_matmul: {}\n", error.what());
  return 1;
}
