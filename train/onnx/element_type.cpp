// See element_type.h and proto.h.
#include "train/onnx/element_type.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/bitwise.h"
#include "ops/cast.h"
#include "ops/elementwise.h"

namespace hekla::onnx {

std::string name(ElementType type) {
  switch (type) {
    case ElementType::undefined: return "no type";
    case ElementType::f32: return "FLOAT";
    case ElementType::u8: return "UINT8";
    case ElementType::i8: return "INT8";
    case ElementType::u16: return "UINT16";
    case ElementType::i16: return "INT16";
    case ElementType::i32: return "INT32";
    case ElementType::i64: return "INT64";
    case ElementType::text: return "STRING";
    case ElementType::boolean: return "BOOL";
    case ElementType::f16: return "FLOAT16";
    case ElementType::f64: return "DOUBLE";
    case ElementType::u32: return "UINT32";
    case ElementType::u64: return "UINT64";
    case ElementType::bf16: return "BFLOAT16";
  }
  return fmt::format("type {}", static_cast<std::int32_t>(type));
}

std::optional<files::StoredType> stored_type(ElementType type) {
  switch (type) {
    case ElementType::f32: return files::StoredType::f32;
    case ElementType::u8: return files::StoredType::u8;
    case ElementType::i8: return files::StoredType::i8;
    case ElementType::u16: return files::StoredType::u16;
    case ElementType::i16: return files::StoredType::i16;
    case ElementType::i32: return files::StoredType::i32;
    case ElementType::i64: return files::StoredType::i64;
    case ElementType::boolean: return files::StoredType::boolean;
    case ElementType::f16: return files::StoredType::f16;
    case ElementType::f64: return files::StoredType::f64;
    case ElementType::u32: return files::StoredType::u32;
    case ElementType::u64: return files::StoredType::u64;
    case ElementType::bf16: return files::StoredType::bf16;
    case ElementType::text:
    case ElementType::undefined: return std::nullopt;
  }
  return std::nullopt;
}

ElementType element_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return ElementType::f32;
    case DType::i32: return ElementType::i32;
    case DType::u32: return ElementType::u32;
    case DType::u8: return ElementType::u8;
    case DType::boolean: return ElementType::boolean;
    case DType::f16: return ElementType::f16;
    case DType::bf16: return ElementType::bf16;
  }
  return ElementType::undefined;
}

DType dtype_of(ElementType type) {
  const std::optional<files::StoredType> stored = stored_type(type);
  if (!stored) throw Error(fmt::format("elements of {} are not supported.", name(type)));
  return files::dtype_of(*stored);
}

Tensor computed(const Tensor& stored) {
  if (stored.dtype() == DType::f16 || stored.dtype() == DType::bf16) return cast(stored, DType::f32);
  return stored.dtype() == DType::u8 ? cast(stored, DType::i32) : stored;
}

Tensor rounded(const Tensor& result, ElementType type) {
  const Tensor x = computed(cast(result, dtype_of(type)));
  if (type == ElementType::i8) return right_shift(left_shift(x, 24), 24);
  if (type == ElementType::i16) return right_shift(left_shift(x, 16), 16);
  return type == ElementType::u16 ? bitwise_and(x, cast(0xffff, DType::u32)) : x;
}

Limits limits_of(ElementType type) {
  switch (type) {
    case ElementType::u8: return {0, 255};
    case ElementType::i8: return {-128, 127};
    case ElementType::u16: return {0, 65535};
    case ElementType::i16: return {-32768, 32767};
    default: throw Error(fmt::format("integers of 8 or 16 bits are needed, not {}.", name(type)));
  }
}

}  // namespace hekla::onnx
