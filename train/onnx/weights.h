// Which initializers of a model are weights.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

struct Weight {
  std::string name;
  Shape shape;
  DType dtype;
  Tensor initial;  ///< empty once there is a variable
  bool trainable;
};

/// Gives each name that an Identity makes of an initializer an initializer of its own: PyTorch writes tensors that are equal
/// (such as the ones that normalizations start from) once, although they are trained apart.
void untie(GraphProto& graph);

/// Takes them out of the model's initializers, whose elements are then no longer held there. `is_trainable` may be empty;
/// see LoadOptions.
std::vector<Weight> take_weights(ModelProto& model,
                                 const std::function<bool(std::string_view)>& is_trainable);

}  // namespace hekla::onnx
