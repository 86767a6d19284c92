// From GLSL to C++: what an operation's author wrote, with the few differences between the languages mended.
#pragma once

#include <string>
#include <string_view>

#include "graph/dtype.h"

namespace hekla::native {

/// GLSL text as C++, line by line:
///   1.5              1.5f, since a GLSL number without a suffix is a float
///   out T x          T& x; `in` and precisions are dropped
///   float[2](a, b)   {a, b}
///   a / b            a / hk_divisor(b), which does not trap where b is an integer 0
///   new, try, ..     C++ keywords that GLSL does not know get an underscore
std::string cplusplus_of(std::string_view glsl);

/// "float", "int", "uint" or "bool": the type of a value inside a kernel.
std::string type_name(DType dtype);
/// The type of an element in memory.
std::string memory_type(DType dtype);
/// A number as a literal of a dtype; supports infinities and NaN.
std::string literal(double number, DType dtype);

}  // namespace hekla::native
