// Quantized numbers, computed as f32.
#include <fmt/format.h>

#include "ops/cast.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// A scale or a zero point: one number, a vector along `axis`, or blocks of elements along it.
Tensor along(const Call& call, const Tensor& parameter, const Tensor& x) {
  if (parameter.rank() == 0 || parameter.count() == 1) return reshape(parameter, Shape{});
  const int axis = call.axis("axis", 1, x.rank());
  if (parameter.rank() == 1) {
    Shape shape;
    for (int i = 0; i < x.rank(); ++i) shape.push_back(i == axis ? parameter.size(0) : 1);
    return reshape(parameter, shape);
  }
  const std::int64_t block = call.integer("block_size", 0);
  if (block < 1) call.fail(fmt::format("a scale {} without a block size.", describe(parameter)));
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  ranges[static_cast<std::size_t>(axis)].stop = x.size(axis);
  return slice(repeat(parameter, block, axis), ranges);
}

Tensor quantized(const Tensor& x, const Tensor& scale, const Tensor& zero, ElementType type) {
  const Limits limits = limits_of(type);
  const Tensor steps = round(x / scale) + (zero.defined() ? cast(zero, DType::f32) : Tensor(0));
  return cast(clip(steps, limits.low, limits.high), dtype_of(type) == DType::u32 ? DType::u32 : DType::i32);
}

Results quantize_linear(const Call& call) {
  const Tensor x = cast(call[0], DType::f32);
  ElementType type = ElementType::u8;
  if (call.has_input(2)) type = call.operand(2).type;
  if (call.integer("output_dtype", 0) != 0) type = static_cast<ElementType>(call.integer("output_dtype"));
  const Tensor zero = call.has_input(2) ? along(call, call[2], x) : Tensor();
  return {Operand(quantized(x, along(call, call[1], x), zero, type), type)};
}

Results dequantize_linear(const Call& call) {
  const Tensor x = cast(call[0], DType::f32);
  const Tensor centered = call.has_input(2) ? x - cast(along(call, call[2], x), DType::f32) : x;
  return {centered * along(call, call[1], x)};
}

Results dynamic_quantize_linear(const Call& call) {
  const Tensor& x = call[0];
  const Tensor low = minimum(min(x), 0);
  const Tensor high = maximum(max(x), 0);
  const Tensor scale = (high - low) / 255;
  const Tensor zero = clip(round(-low / where(scale == 0, 1, scale)), 0, 255);
  return {Operand(quantized(x, where(scale == 0, 1, scale), zero, ElementType::u8), ElementType::u8), scale,
          Operand(cast(zero, DType::i32), ElementType::u8)};
}

// Operands a, their scale and their zero point follow each other from input `first` on.
Tensor dequantized(const Call& call, std::size_t first, bool by_rows) {
  const auto fitted = [&](const Tensor& parameter) {
    return by_rows && parameter.rank() == 1 && parameter.count() > 1 ? expand_dims(parameter, -1) : parameter;
  };
  return (cast(call[first], DType::f32) - cast(fitted(call[first + 2]), DType::f32)) *
         fitted(call[first + 1]);
}

Results qlinear_matmul(const Call& call) {
  const Tensor y = matmul(dequantized(call, 0, true), dequantized(call, 3, false));
  const ElementType type = call.operand(7).type;
  return {Operand(quantized(y, call[6], call[7], type), type)};
}

}  // namespace

std::vector<Conversion> quantizations() {
  return {
      {"DequantizeLinear", dequantize_linear, {"axis", "block_size", "output_dtype"}},
      {"DynamicQuantizeLinear", dynamic_quantize_linear},
      {"QLinearMatMul", qlinear_matmul},
      {"QuantizeLinear", quantize_linear, {"axis", "block_size", "output_dtype", "precision", "saturate"}},
  };
}

}  // namespace hekla::onnx
