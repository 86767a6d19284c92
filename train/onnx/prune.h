// What of a model is needed for some of its values.
#pragma once

#include <string>
#include <vector>

#include "train/files/source.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// Makes `outputs` the outputs of the main graph, where there are any, and drops nodes and initializers that its outputs do
/// not need. Fails as `source` does where nothing makes one of them.
void prune(ModelProto& model, const std::vector<std::string>& outputs, const files::Source& source);

/// The names that a node reads, those in graphs inside of it included.
std::vector<std::string> names_read(const NodeProto& node);

}  // namespace hekla::onnx
