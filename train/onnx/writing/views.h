// Views, positions and loops.
#pragma once

#include "train/onnx/writing/graph_writer.h"

namespace hekla::onnx {

bool write_view(GraphWriter& writer, const Tensor& x);
/// Positions along an axis that depends on the batch; others are known.
bool write_positions(GraphWriter& writer, const Tensor& x);
bool write_loop(GraphWriter& writer, const Tensor& x);

}  // namespace hekla::onnx
