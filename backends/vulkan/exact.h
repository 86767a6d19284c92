// Exact arithmetic: forbids the driver to reorder or contract floating-point operations.
#pragma once

#include <cstdint>
#include <vector>

namespace hekla::vulkan {

/// Decorates every sum, product and quotient of floats in a SPIR-V module with NoContraction. Mesa's compiler
/// otherwise reassociates them where an operand is a literal, (x * a) * b into x * (a * b). Then a number in
/// the text of a kernel and the same number in memory would give different bits. On a CPU Mesa never
/// contracts.
std::vector<std::uint32_t> with_exact_arithmetic(const std::vector<std::uint32_t>& words);

}  // namespace hekla::vulkan
