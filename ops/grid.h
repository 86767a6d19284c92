// Coordinates of grids.
#pragma once

#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The order of the first two axes of a grid: [y, x] as in images, or [x, y] as in matrices.
enum class Indexing { xy, ij };

/// Coordinates of the grid that vectors (any dtype; a scalar is one of size 1) span, as np.meshgrid: a tensor for each
/// vector, all of one shape, that varies along one axis. With Indexing::ij vector i varies along axis i; with xy the
/// first two change places. Views, which no memory holds. (torch.meshgrid's default is ij.) Throws hekla::Error for
/// other ranks.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors, Indexing indexing = Indexing::xy);

}  // namespace hekla
