// Element types. A dtype is a row in one table: its name, its size on a device, and what arithmetic it takes
// part in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hekla {

/// f32 computes; i32 and u32 count and index; u8 stores data sets; boolean holds comparisons.
enum class DType : std::uint8_t { f32, i32, u32, u8, boolean };

inline constexpr DType f32 = DType::f32;
inline constexpr DType i32 = DType::i32;
inline constexpr DType u32 = DType::u32;
inline constexpr DType u8 = DType::u8;
inline constexpr DType boolean = DType::boolean;

/// "f32", "i32", "u32", "u8" or "bool".
std::string_view name(DType dtype);

/// Bytes of one element in device memory; a boolean takes a whole word, as shaders have no smaller storage.
std::size_t size_of(DType dtype);

constexpr bool is_float(DType dtype) { return dtype == DType::f32; }

/// `value` as an element of `dtype` would hold it: integers truncate toward zero and wrap (infinity
/// is the end of their range), a boolean is 0 or
/// 1, and f32 is left in double precision, so that the reference device can serve as an oracle.
double convert(double value, DType dtype);

}  // namespace hekla
