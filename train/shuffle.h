// The order in which an epoch goes through its examples.
#pragma once

#include <cstdint>
#include <vector>

namespace hekla::data {

/// The numbers 0 to count-1 in a random order that depends on `seed` and `epoch` alone: the same on every
/// machine and with every standard library. (Fisher-Yates; Durstenfeld: Algorithm 235, CACM 1964.)
std::vector<std::int32_t> shuffled_order(std::int64_t count, std::uint64_t seed, std::uint64_t epoch);

}  // namespace hekla::data
