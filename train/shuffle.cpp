// See shuffle.h. std::shuffle and the distributions of <random> differ between standard libraries; the
// generator and std::seed_seq are defined to the bit.
#include "train/shuffle.h"

#include <numeric>
#include <random>
#include <utility>

namespace hekla::data {

namespace {

std::uint64_t number_below(std::uint64_t bound, std::mt19937_64& bits) {
  // 2^64 is no multiple of most bounds: the draws in the way are drawn again, so that all results are equally
  // likely.
  const std::uint64_t excess = (0 - bound) % bound;
  std::uint64_t draw = bits();
  while (draw < excess) draw = bits();
  return draw % bound;
}

}  // namespace

std::vector<std::int32_t> shuffled_order(std::int64_t count, std::uint64_t seed, std::uint64_t epoch) {
  // seed_seq takes 32 bits of each number.
  std::seed_seq sequence{seed, seed >> 32, epoch, epoch >> 32};
  std::mt19937_64 bits(sequence);
  std::vector<std::int32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[number_below(left, bits)]);
  }
  return order;
}

}  // namespace hekla::data
