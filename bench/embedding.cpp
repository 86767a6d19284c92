// The gradient of an embedding's table, which adds the updates of 1,280 words up row by row: as hekla does
// it, and as a product with the one-hot rows of the words, in the same run.
//   cmake --preset release && cmake --build build/release --target bench_embedding &&
//   build/release/bench/bench_embedding
#include <fmt/format.h>

#include "bench/measure.h"
#include "hekla.h"

namespace {

using namespace hekla;

constexpr std::int64_t words = 1280, features = 64;

double seconds_of(const Tensor& gradient) {
  Program program = compile({.outputs = {gradient}});
  return bench::best_step_seconds(
      [&](int steps) {
        // Reading an element waits for the run.
        slice(program.run(steps).front(), {{0, 1}, {0, 1}}).item();
      },
      0.05, 20);
}

}  // namespace

int main() try {
  fmt::print("{}\n\n{:<24}{:>14}{:>14}{:>9}\n", default_device()->name(), "table", "as it is", "one-hot",
             "ratio");
  for (const std::int64_t size : {100, 1000, 10'000}) {
    const Tensor table = variable(random_uniform({size, features}, random_key(1, 0)), "table");
    const Tensor bits = variable(random_bits({words}, random_key(1, 1)), "bits");
    const Tensor indices = cast(bits % static_cast<std::uint32_t>(size), i32);
    const Tensor updates = variable(random_uniform({words, features}, random_key(1, 2)), "updates");
    const double ours = seconds_of(grad(sum(embedding(indices, table) * updates), table));
    const double product = seconds_of(matmul(transpose(one_hot(indices, size)), updates));
    fmt::print("{:<24}{:>11.3f} ms{:>11.3f} ms{:>9.2f}\n", fmt::format("{} x {}", size, features), ours * 1e3,
               product * 1e3, ours / product);
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_embedding: {}\n", error.what());
  return 1;
}
