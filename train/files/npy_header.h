// The header of a .npy file: a Python dictionary in text form that describes the array after it.
// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <string>

#include "graph/shape.h"
#include "train/files/elements.h"
#include "train/files/source.h"

namespace hekla::files {

/// The contents of the header.
struct NpyHeader {
  StoredType type = StoredType::f32;
  bool big_endian = false;
  bool fortran_order = false;  // the first axis runs fastest
  Shape shape;
  std::uint64_t length = 0;  // bytes before the elements
};

/// Reads a header of version 1 to 3 at the start of `source`. Anything else, and an array whose elements are
/// not numbers or booleans, fails by source.fail.
NpyHeader read_npy_header(Source& source);

/// The header that NumPy writes (version 1) before elements in row-major order. NumPy has no bf16, so `type`
/// must not be bf16.
std::string npy_header(StoredType type, const Shape& shape);

}  // namespace hekla::files
