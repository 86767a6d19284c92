// Arithmetic that a driver computes as it is written.
#pragma once

#include <cstdint>
#include <vector>

namespace hekla::vulkan {

/// The module with every sum, product and quotient of floats decorated NoContraction. Mesa's compiler
/// otherwise reorders them where an operand is a literal, (x * a) * b into x * (a * b): then a number in the
/// text of a kernel and the same number in its memory would give different bits. It contracts nothing on a
/// processor in any case.
std::vector<std::uint32_t> with_exact_arithmetic(const std::vector<std::uint32_t>& words);

}  // namespace hekla::vulkan
