// The dtype table.
#include "graph/dtype.h"

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
  }
  return "?";
}

std::size_t size_of(DType dtype) { return dtype == DType::u8 ? 1 : 4; }

namespace {

double wrap(double value, double modulus, double lowest) {
  if (std::isnan(value)) return 0;
  if (std::isinf(value)) return value < 0 ? lowest : lowest + modulus - 1;
  const double shifted = std::trunc(value) - lowest;
  return shifted - modulus * std::floor(shifted / modulus) + lowest;
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
  }
  return value;
}

}  // namespace hekla
