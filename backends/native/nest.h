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

/// Where the bounds in a program change from holding to not holding along an axis: the positions between 0 and `extent`
/// at which its loop is divided, so that each part knows. Just the two ends where that does not help.
std::vector<std::int64_t> divisions(const Body& body, int axis, std::int64_t extent);

/// The program for positions [begin, end) of an axis, which starts at 0 again, without the bounds that are decided there.
Body part_of(const Body& body, int axis, std::int64_t begin, std::int64_t end);

/// Drops clamps from the indices of loads that are used inside of the same bounds only: padding. Without them the index
/// is even. Memory::load guards what may then lie outside of the memory.
void drop_clamps(Body& body);

/// `index` with `begin` added to an axis of `extent` positions.
Index shifted(const Index& index, int axis, std::int64_t extent, std::int64_t begin);

/// `index` with `axis` at `value`.
Index at(const Index& index, int axis, std::int64_t value);

}  // namespace hekla::native
