// Loops over an axis as two loops, so that the inner one steps through memory evenly.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/compiler/kernel.h"

namespace hekla::native {

using namespace compiler;

/// Axes of the two loops that an axis becomes. No program has so many axes.
constexpr int outer_axis = 60;
constexpr int inner_axis = 61;

/// The extent of the inner loop: a divisor of `extent` for which the fewest of `indices` contain divisions that vary
/// with the inner loop; `extent` itself where dividing gains nothing.
std::int64_t inner_extent(std::span<const Index> indices, int axis, std::int64_t extent);

/// All indices of a program: of its loads and bounds.
std::vector<Index> indices_of(const Body& body);

/// outer_axis * inner + inner_axis in place of `axis`.
Index nested(const Index& index, int axis, std::int64_t extent, std::int64_t inner);
void nest(Body& body, int axis, std::int64_t extent, std::int64_t inner);

/// How many elements along an axis all loads of a program read from neighbouring places; 0 where a load does not.
std::int64_t contiguous_run(const Body& body, int axis, std::int64_t extent);

/// Drops clamps from the indices of loads that are used inside of the same bounds only: padding. Without them the index
/// is even. Memory::load guards what may then lie outside of the memory.
void drop_clamps(Body& body);

/// `index` with `axis` at `value`.
Index at(const Index& index, int axis, std::int64_t value);

}  // namespace hekla::native
