// The choice of a way to compute a matrix product: by tiles of which size, over factors that are read how.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "backends/native/emit.h"

namespace hekla::native {

/// A register tile of sums. Its lanes are columns, or, where both factors are contiguous along the inner axis, positions
/// there.
struct Tile {
  bool along_inner = false;
  std::int64_t rows = 1, columns = 1;
  double cycles = std::numeric_limits<double>::infinity();  // of the whole product
};

/// How a factor lies in memory.
struct Access {
  bool is_even = false;  // element (j, k) lies at j * outer_stride + k * inner_stride from the first
  std::int64_t outer_stride = 0, inner_stride = 0;
  std::int64_t outer_run = 0, inner_run = 0;  // see contiguous_run
};

/// How the tiles read a factor: where it lies, or from a panel.
struct Reading {
  bool is_direct = false;
  bool along_inner = false;  // packed: the axis along which it is read
  bool by_rows = false;      // packed: contiguous along the inner axis
  double cycles = 0;         // of packing it, about
};

/// A way to compute a product.
struct Way {
  Tile tile;
  Access left_access, right_access;
  Reading left, right;
  double cycles = std::numeric_limits<double>::infinity();
};

/// Floats of a vector.
std::int64_t width_of(const Target& target);

/// Cycles of one tile, about.
double cycles_of(const Tile& tile, std::int64_t inner, const Target& target);

/// Whether the stores of neighbours along an axis are neighbours in memory.
bool stores_along(const std::vector<Store>& stores, int axis);

/// The way of the fewest cycles. Exchanges the factors, and with them rows and columns, where that is better.
Way best_way(MatmulKernel& product, std::vector<Store>& stores, const Target& target);

/// The side of what is transposed at once in registers.
constexpr std::int64_t transposed_block = 16;

}  // namespace hekla::native
