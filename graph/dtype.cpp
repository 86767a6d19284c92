// The dtype table.
#include "graph/dtype.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hekla {

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::i32:
      return "i32";
    case DType::u32:
      return "u32";
    case DType::u8:
      return "u8";
    case DType::boolean:
      return "bool";
    case DType::f16:
      return "f16";
    case DType::bf16:
      return "bf16";
  }
  return "?";
}

std::size_t size_of(DType dtype) {
  if (dtype == DType::u8) return 1;
  return dtype == DType::f16 || dtype == DType::bf16 ? 2 : 4;
}

namespace {

double wrap(double value, double modulus, double lowest) {
  // The fast path, nearly always taken: without instruction-set dispatch, floor() below is a function call.
  if (value >= lowest && value < lowest + modulus)
    return static_cast<double>(static_cast<std::int64_t>(value));
  if (std::isnan(value)) return 0;
  if (std::isinf(value)) return value < 0 ? lowest : lowest + modulus - 1;
  const double shifted = std::trunc(value) - lowest;
  return shifted - modulus * std::floor(shifted / modulus) + lowest;
}

// Significant bits and the exponents of the smallest step and of the largest number.
struct Format {
  int digits, smallest, largest;
};

Format format_of(DType half) { return half == DType::f16 ? Format{11, -24, 15} : Format{8, -133, 127}; }

double rounded(double value, DType half) {
  if (value == 0 || !std::isfinite(value)) return value;
  const Format format = format_of(half);
  const int step = std::max(std::ilogb(value) - format.digits + 1, format.smallest);
  // The default rounding of the environment: to the nearest, ties to even.
  const double nearest = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
  return std::fabs(nearest) < std::ldexp(1.0, format.largest + 1) ? nearest
                                                                  : std::copysign(INFINITY, nearest);
}

}  // namespace

double convert(double value, DType dtype) {
  switch (dtype) {
    case DType::f32:
      return value;
    case DType::i32:
      return wrap(value, 4294967296.0, -2147483648.0);
    case DType::u32:
      return wrap(value, 4294967296.0, 0);
    case DType::u8:
      return wrap(value, 256.0, 0);
    case DType::boolean:
      return value != 0 ? 1 : 0;
    case DType::f16:
    case DType::bf16:
      return rounded(static_cast<double>(static_cast<float>(value)), dtype);
  }
  return value;
}

double as_held(double value, DType dtype) {
  return dtype == DType::f32 ? static_cast<double>(static_cast<float>(value)) : convert(value, dtype);
}

std::uint16_t half_bits(double value, DType dtype) {
  if (dtype == DType::bf16) {
    return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
  }
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (std::isinf(value)) return sign | 0x7c00;
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<int>(size * 0x1p24));
  const int exponent = std::ilogb(size);
  const int fraction = static_cast<int>(std::ldexp(size, 10 - exponent)) - 1024;
  return static_cast<std::uint16_t>(sign | (exponent + 15) << 10 | fraction);
}

double from_half_bits(std::uint16_t bits, DType dtype) {
  if (dtype == DType::bf16) return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double size = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                      : exponent == 0 ? fraction * 0x1p-24
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -size : size;
}

}  // namespace hekla
