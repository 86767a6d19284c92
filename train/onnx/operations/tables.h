// The tables of conversions, one for each file of this folder, and what they share.
#pragma once

#include <span>
#include <vector>

#include "train/onnx/call.h"
#include "train/onnx/element_type.h"
#include "train/onnx/operations/permuted.h"

namespace hekla::onnx {

std::vector<Conversion> activations();
std::vector<Conversion> arithmetic();
std::vector<Conversion> attentions();
std::vector<Conversion> comparisons();
std::vector<Conversion> control_flow();
std::vector<Conversion> convolutions();
std::vector<Conversion> creations();
std::vector<Conversion> cuts();
std::vector<Conversion> gathers();
std::vector<Conversion> images();
std::vector<Conversion> losses();
std::vector<Conversion> normalizations();
std::vector<Conversion> poolings();
std::vector<Conversion> products();
std::vector<Conversion> quantizations();
std::vector<Conversion> recurrences();
std::vector<Conversion> reductions();
std::vector<Conversion> scatters();
std::vector<Conversion> shapes();
std::vector<Conversion> signals();
std::vector<Conversion> sortings();

/// A result with the type of an operand: integers of 8 and 16 bits wrap.
Operand like(const Operand& operand, const Tensor& result);

/// A conversion to a function of one tensor whose result has the same type.
template <auto function>
std::vector<Operand> unary(const Call& call) {
  return {like(call.operand(0), elementwise(call[0], [](const Tensor& x) { return function(x); }))};
}

/// The second operand of a binary operation. In opset 6 it lies along the axes of the first one from `axis` on.
Tensor second_operand(const Call& call);

/// Integers that ONNX has as INT64.
inline Operand int64(const Tensor& integers) { return {integers, ElementType::i64}; }

}  // namespace hekla::onnx
