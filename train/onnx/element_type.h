// In which of hekla's dtypes the types of ONNX are computed.
#pragma once

#include "graph/tensor.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// Elements as they are computed: f16 and bf16 as f32, u8 as i32, the others as they are.
Tensor computed(const Tensor& stored);

/// A result as elements of this type have it: integers of 8 and 16 bits wrap, f16 and bf16 round, other dtypes are cast.
/// The dtype is that in which the type is computed.
Tensor rounded(const Tensor& result, ElementType type);

/// The dtype of an input or an output of this type.
DType dtype_of(ElementType type);

/// The limits of an integer type of 8 or 16 bits. Throws hekla::Error for others.
struct Limits {
  double low, high;
};
Limits limits_of(ElementType type);

}  // namespace hekla::onnx
