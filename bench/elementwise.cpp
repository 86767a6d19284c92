// Memory-bound operations, compared with plain single-threaded loops of the host over as many floats.
//   cmake --preset release && cmake --build build/release --target bench_elementwise &&
//   build/release/bench/bench_elementwise
#include "bench/support/limits.h"
#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

constexpr std::int64_t count = 1 << 24, columns = 1024;

Tensor floats(const Shape& shape) { return variable(random_uniform(shape, random_key(1, 0))); }

Tensor around_zero(const Shape& shape) { return variable(random_normal(shape, random_key(1, 0))); }

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
  // Comparisons that propagate NaN, which GLSL's max and min drop.
  add("nan/relu/16M", [] { return case_of(relu(around_zero({count})), 8, plain_copy(count)); });
  add("nan/relu6 and its gradient/16M", [] {
    const Tensor x = around_zero({count});
    return case_of(grad(sum(square(relu6(x))), x), 8, plain_copy(count));
  });
  add("nan/max of rows/16M", [] {
    return case_of(max(floats({count / columns, columns}), {1}), 4, plain_sum(count));
  });
  add("nan/max_pool/16M", [] {
    return case_of(max_pool2d(floats({count / columns, 32, 32, 1}), {2, 2}), 5, plain_copy(count));
  });
  // Functions that are accurate for every argument.
  add("exact/sin/16M", [] { return case_of(sin(around_zero({count})), 8, plain_copy(count)); });
  add("exact/x % y/16M",
      [] { return case_of(around_zero({count}) % floats({count}), 12, plain_map(count)); });
  add("exact/random_normal/16M",
      [] { return case_of(random_normal({count}, random_key(1, 0)), 4, plain_copy(count)); });
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
