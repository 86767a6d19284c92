// Operations that memory limits, beside plain loops of one thread of the host over as many floats.
//   cmake --preset release && cmake --build build/release --target bench_elementwise &&
//   build/release/bench/bench_elementwise
#include "bench/support/limits.h"
#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t count = 1 << 24, columns = 1024;

Tensor floats(const Shape& shape) { return variable(random_uniform(shape, random_key(1, 0))); }

Case case_of(const Tensor& result, double bytes_per_element, Limit limit) {
  return {.run = run_of(compile({.outputs = {result}})),
          .bytes = bytes_per_element * static_cast<double>(count),
          .limit = std::move(limit)};
}

}  // namespace

void add_benchmarks() {
  add("map/a*x+y/16M", [] {
    const Tensor a = variable(tensor({0.5}, {}), "a");
    return case_of(a * floats({count}) + floats({count}), 12, plain_map(count));
  });
  add("reduce/sum/16M", [] { return case_of(sum(floats({count})), 4, plain_sum(count)); });
  add("reduce/sum of rows/16M", [] {
    return case_of(sum(floats({count / columns, columns}), {1}), 4, plain_sum(count));
  });
  add("reduce/sum of columns/16M", [] {
    return case_of(sum(floats({count / columns, columns}), {0}), 4, plain_sum(count));
  });
  add("softmax/rows of 1024/16M", [] {
    return case_of(softmax(floats({count / columns, columns})), 8, plain_copy(count));
  });
  add("softmax/rows of 10/1M", [] {
    constexpr std::int64_t rows = 100'000, classes = 10;
    return Case{.run = run_of(compile({.outputs = {softmax(floats({rows, classes}))}})),
                .bytes = 8.0 * rows * classes,
                .limit = plain_copy(rows * classes)};
  });
}

}  // namespace hekla::bench
