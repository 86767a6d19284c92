// The header of a .npy file: a Python dictionary in text form that describes the array after it.
// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <string>

#include "graph/shape.h"
#include "train/files/elements.h"
#include "train/files/source.h"

namespace hekla::files {

/// What the header says.
struct NpyHeader {
  StoredType type = StoredType::f32;
  bool big_endian = false;
  bool fortran_order = false;  // the first axis runs fastest
  Shape shape;
  std::uint64_t length = 0;  // bytes before the elements
};

/// Reads the header of versions 1 to 3 at the start of `source`. Fails as it does on anything else, and on
/// arrays of other things than numbers and truth values.
NpyHeader read_npy_header(Source& source);

/// The header that NumPy writes (version 1) before elements in row-major order. NumPy has no bf16: that is
/// not asked for.
std::string npy_header(StoredType type, const Shape& shape);

}  // namespace hekla::files
