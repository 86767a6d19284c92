// Whether hekla can convert a model.
#pragma once

#include "train/files/source.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// Fails as `source` does where the model asks for what hekla does not have, listing all of it: operations, attributes and
/// types of elements, with the names of their nodes.
void check(const ModelProto& model, const files::Source& source);

}  // namespace hekla::onnx
