// Sorting two million numbers, the ten largest of them, and adding up a million numbers in 100,000 places, which sorts
// the places.
//   cmake --preset release && cmake --build build/release --target bench_sorting &&
//   build/release/bench/bench_sorting
#include <fmt/format.h>

#include "bench/support/measure.h"
#include "hekla.h"

namespace hekla::bench {

void add_benchmarks() {
  constexpr std::int64_t numbers = 2'000'000, updates = 1'000'000, places = 100'000;
  const auto uniform = [](std::int64_t count) { return variable(random_uniform({count}, random_key(1, 0))); };
  const auto add_sort = [&](const std::string& name,
                            const std::function<std::vector<Tensor>(const Tensor&)>& of) {
    add(fmt::format("sorting/{}/{}", name, numbers),
        [=] { return Case{.run = run_of(compile({.outputs = of(uniform(numbers))}))}; });
  };
  add_sort("argsort", [](const Tensor& x) { return std::vector<Tensor>{argsort(x)}; });
  for (const std::int64_t k : {10, 1000}) {
    add_sort(fmt::format("top_k {}", k), [=](const Tensor& x) {
      const TopK largest = top_k(x, k);
      return std::vector<Tensor>{largest.values, largest.indices};
    });
  }
  add(fmt::format("sorting/scatter_add/{}", updates), [=] {
    const Tensor bits = variable(random_bits({updates}, random_key(1, 1)));
    const Tensor sums =
        scatter_add({places}, cast(bits % static_cast<std::uint32_t>(places), i32), uniform(updates));
    return Case{.run = run_of(compile({.outputs = {sums}}))};
  });
}

}  // namespace hekla::bench
