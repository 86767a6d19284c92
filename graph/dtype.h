// Element types. A dtype is a row in one table: its name, its size on a device, and what arithmetic it takes
// part in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hekla {

/// f32 computes; i32 and u32 count and index; u8 stores data sets; boolean holds comparisons; f16 (IEEE 754
/// binary16) and bf16 (the upper half of an f32) store numbers in half the memory and are the factors of
/// quick products.
enum class DType : std::uint8_t { f32, i32, u32, u8, boolean, f16, bf16 };

inline constexpr DType f32 = DType::f32;
inline constexpr DType i32 = DType::i32;
inline constexpr DType u32 = DType::u32;
inline constexpr DType u8 = DType::u8;
inline constexpr DType boolean = DType::boolean;
inline constexpr DType f16 = DType::f16;
inline constexpr DType bf16 = DType::bf16;

/// "f32", "i32", "u32", "u8", "bool", "f16" or "bf16".
std::string_view name(DType dtype);

/// Bytes of one element in device memory; a boolean takes a whole word, as shaders have no smaller storage.
std::size_t size_of(DType dtype);

constexpr bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

/// True for f32, i32 and u32, which arithmetic takes; the others are stored, compared and cast.
constexpr bool is_arithmetic(DType dtype) {
  return dtype == DType::f32 || dtype == DType::i32 || dtype == DType::u32;
}

/// True where several elements share a word of device memory, which shaders write as a whole.
constexpr bool is_packed(DType dtype) {
  return dtype == DType::u8 || dtype == DType::f16 || dtype == DType::bf16;
}

/// The dtype of a gradient: f32 for all floats, as gradients are added up.
constexpr DType gradient_dtype(DType dtype) { return is_float(dtype) ? DType::f32 : dtype; }

/// `value` as an element of `dtype` would hold it. Integers truncate toward zero and wrap (infinity becomes
/// the end of their range). A boolean is 0 or 1. f16 and bf16 round what f32 would hold to the nearest, ties
/// to even. f32 is left in double precision, so that the reference device can serve as an oracle.
double convert(double value, DType dtype);
/// `value` as a device's memory holds it: of f32, what it rounds to.
double as_held(double value, DType dtype);

/// The bits of an f16 or bf16 element and back; `value` is what `convert` gives.
std::uint16_t half_bits(double value, DType dtype);
double from_half_bits(std::uint16_t bits, DType dtype);

}  // namespace hekla
