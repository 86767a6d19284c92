// Matrix products, compared with the driver's peak of multiply-adds: squares, and the three large products of
// a training step of the MLP 784-100-10: forward, gradient of the weights, gradient of the input.
//   cmake --preset release && cmake --build build/release --target bench_matmul &&
//   build/release/bench/bench_matmul
#include <fmt/format.h>

#include "bench/support/limits.h"
#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

Tensor matrix(std::int64_t rows, std::int64_t columns) {
  return variable(random_uniform({rows, columns}, random_key(1, rows), -1, 1));
}

void add_product(const std::string& name, double multiply_adds, const std::function<Tensor()>& product) {
  add(name, [=] {
    return Case{.run = run_of(compile({.outputs = {product()}})),
                .flops = 2 * multiply_adds,
                .limit = multiply_add_peak()};
  });
}

}  // namespace

void add_benchmarks() {
  for (const std::int64_t n : {256, 512, 1024}) {
    add_product(fmt::format("matmul/{}", n), static_cast<double>(n * n * n),
                [=] { return matmul(matrix(n, n), matrix(n, n)); });
  }
  for (const std::int64_t batch : {32, 256}) {
    const auto work = static_cast<double>(batch * 784 * 100);
    add_product(fmt::format("matmul/x*W/{}", batch), work,
                [=] { return matmul(matrix(batch, 784), matrix(784, 100)); });
    add_product(fmt::format("matmul/xT*dh/{}", batch), work,
                [=] { return matmul(transpose(matrix(batch, 784)), matrix(batch, 100)); });
    add_product(fmt::format("matmul/dh*WT/{}", batch), work,
                [=] { return matmul(matrix(batch, 100), transpose(matrix(784, 100))); });
  }
}

}  // namespace hekla::bench
