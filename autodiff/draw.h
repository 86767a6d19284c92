// Random numbers for check_op: reproducible on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "autodiff/check_op.h"

namespace hekla::testing {

/// A random generator without the standard's distributions: those differ between libraries; the bits of the
/// generators do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  /// In [0, 1).
  double fraction() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  /// In [0, count).
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(fraction() * static_cast<double>(count));
  }

 private:
  std::mt19937_64 bits_;
};

/// The elements of all operands, each a number that its dtype holds exactly.
std::vector<std::vector<double>> draw_operands(std::span<const Operand> operands,
                                               const CheckOptions& options);

/// Weights between 0.5 and 1.5 of either sign.
std::vector<double> draw_weights(std::int64_t count, Random& random);

}  // namespace hekla::testing
