// The gradient of an embedding's table, which accumulates the updates of 1,280 words row by row: hekla's way,
// compared with a product with the one-hot rows of the words.
//   cmake --preset release && cmake --build build/release --target bench_embedding &&
//   build/release/bench/bench_embedding
#include <fmt/format.h>

#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

void add_benchmarks() {
  constexpr std::int64_t words = 1280, features = 64;
  for (const std::int64_t size : {100, 1000, 10'000}) {
    add(fmt::format("embedding/{}x{}", size, features), [=] {
      const Tensor table = variable(random_uniform({size, features}, random_key(1, 0)), "table");
      const Tensor bits = variable(random_bits({words}, random_key(1, 1)), "bits");
      const Tensor indices = cast(bits % static_cast<std::uint32_t>(size), i32);
      const Tensor updates = variable(random_uniform({words, features}, random_key(1, 2)), "updates");
      const Tensor gradient = grad(sum(embedding(indices, table) * updates), table);
      const Tensor product = matmul(transpose(one_hot(indices, size)), updates);
      return Case{.run = run_of(compile({.outputs = {gradient}})),
                  .limit = {.run = run_of(compile({.outputs = {product}}))}};
    });
  }
}

}  // namespace hekla::bench
