// Conversions of operations on images, [n, c, spatial..], by their files.
#pragma once

#include <vector>

#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

std::vector<Operand> resize_of(const Call& call);
std::vector<Operand> grid_sample_of(const Call& call);
std::vector<Operand> affine_grid(const Call& call);

}  // namespace hekla::onnx
