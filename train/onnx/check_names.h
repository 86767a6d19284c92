// Whether the values of a model's graphs are made once, and before they are read.
#pragma once

#include "train/files/source.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// Fails as `source` does, naming the nodes, where a value of a graph or function is made twice, or is read before a node
/// makes it.
void check_names(const ModelProto& model, const files::Source& source);

}  // namespace hekla::onnx
