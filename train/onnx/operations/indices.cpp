// See indices.h.
#include "train/onnx/operations/indices.h"

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla::onnx {

Tensor from_start(const Tensor& indices, std::int64_t size) {
  const Tensor signed_indices = cast(indices, DType::i32);
  return where(signed_indices < 0, signed_indices + size, signed_indices);
}

Tensor with_flat_axes(const Tensor& x, int axes) {
  Shape shape{1};
  for (int i = 0; i < axes; ++i) shape[0] *= x.size(i);
  for (int i = axes; i < x.rank(); ++i) shape.push_back(x.size(i));
  return reshape(x, shape);
}

Tensor flat_positions(const Tensor& x, const Tensor& indices, int batch) {
  const int depth = static_cast<int>(indices.size(-1));
  Shape shape;
  for (int i = 0; i + 1 < indices.rank(); ++i) shape.push_back(indices.size(i));
  Tensor positions = zeros(shape, DType::i32);
  for (int i = 0; i < batch; ++i) positions = positions * x.size(i) + iota(shape, i);
  std::vector<Range> ranges(static_cast<std::size_t>(indices.rank()));
  for (int k = 0; k < depth; ++k) {
    ranges.back() = {.start = k, .stop = k + 1};
    const std::int64_t size = x.size(batch + k);
    positions = positions * size + from_start(reshape(slice(indices, ranges), shape), size);
  }
  return positions;
}

Tensor element_positions(const Shape& shape, const Tensor& indices, int axis) {
  const std::vector<std::int64_t> strides = strides_of(shape);
  Tensor positions = from_start(indices, shape[axis]) * strides[static_cast<std::size_t>(axis)];
  for (int i = 0; i < shape.rank(); ++i) {
    if (i != axis) positions = positions + iota(indices.shape(), i) * strides[static_cast<std::size_t>(i)];
  }
  return positions;
}

}  // namespace hekla::onnx
