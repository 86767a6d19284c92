// Work that saturates a GPU, as rates: products of large matrices of f32 and of halves, and memory-bound
// operations over 64M floats. bench/peers/torch_ops.py does the same in PyTorch.
//   cmake --preset release && cmake --build build/release --target bench_large &&
//   build/release/bench/bench_large
#include <fmt/format.h>

#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t count = 1 << 26, columns = 1024;

Tensor floats(const Shape& shape) { return variable(random_uniform(shape, random_key(1), -1, 1)); }

void add_product(std::int64_t n, DType dtype) {
  add(fmt::format("matmul/{}/{}", name(dtype), n), [=] {
    const auto factor = [=] { return variable(cast(random_uniform({n, n}, random_key(1), -1, 1), dtype)); };
    return Case{.run = run_of(compile({.outputs = {matmul(factor(), factor())}})),
                .flops = 2.0 * static_cast<double>(n * n * n)};
  });
}

void add_map(const std::string& name, double bytes_per_element, const std::function<Tensor()>& result) {
  add(name, [=] {
    return Case{.run = run_of(compile({.outputs = {result()}})),
                .bytes = bytes_per_element * static_cast<double>(count)};
  });
}

}  // namespace

void add_benchmarks() {
  for (const DType dtype : {f32, f16}) {
    for (const std::int64_t n : {512, 1024, 2048, 4096}) add_product(n, dtype);
  }
  const auto matrix = [] { return floats({count / columns, columns}); };
  add_map("a*x+y", 12, [] { return variable(tensor({0.5}, {})) * floats({count}) + floats({count}); });
  add_map("sum", 4, [] { return sum(floats({count})); });
  add_map("sum of rows", 4, [=] { return sum(matrix(), {1}); });
  add_map("sum of columns", 4, [=] { return sum(matrix(), {0}); });
  add_map("softmax of rows", 8, [=] { return softmax(matrix()); });
}

}  // namespace hekla::bench
