// Coordinates of grids.
#include "ops/grid.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/view.h"

namespace hekla {

std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors, Indexing indexing) {
  std::vector<int> axes;
  Shape shape;
  for (const Tensor& vector : vectors) {
    if (vector.rank() > 1)
      throw Error(fmt::format("[meshgrid] {} is no vector; each tensor must be one.", describe(vector)));
    axes.push_back(static_cast<int>(axes.size()));
    shape.push_back(vector.count());
  }
  if (indexing == Indexing::xy && vectors.size() > 1) {
    std::swap(axes[0], axes[1]);
    std::swap(shape[0], shape[1]);
  }
  std::vector<Tensor> grids;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    Shape along;
    for (std::size_t axis = 0; axis < vectors.size(); ++axis)
      along.push_back(static_cast<int>(axis) == axes[i] ? vectors[i].count() : 1);
    grids.push_back(broadcast_to(reshape(vectors[i], along), shape));
  }
  return grids;
}

}  // namespace hekla
