// See shuffle.h.
#include "train/data/shuffle.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/index.h"

namespace hekla {

Tensor shuffled_positions(std::int64_t count, const RandomKey& key) {
  if (count < 1 || count > std::numeric_limits<std::int32_t>::max())
    throw Error(fmt::format("[shuffle] {} examples; from 1 to 2^31 - 1 can be put in order.", count));
  // After this many rounds, any few numbers are practically independent, by the bound of the paper.
  constexpr int rounds = 48;
  constexpr double half = 2147483648.0;
  const Tensor n = constant(static_cast<double>(count), {}, DType::u32);
  const Tensor drawn = random_bits({rounds, 3}, key);
  Tensor x = arange(count, DType::u32);
  for (int round = 0; round < rounds; ++round) {
    const Tensor k = index(drawn, {round, 0}) % n;
    const Tensor partner = where(x <= k, k - x, k + n - x);
    const Tensor swaps = maximum(x, partner) * index(drawn, {round, 1}) + index(drawn, {round, 2}) >=
                         constant(half, {}, DType::u32);
    x = where(swaps, partner, x);
  }
  return cast(x, DType::i32);
}

}  // namespace hekla
