// The elements of tensors as files store them: little-endian, row-major, in more types than hekla computes
// with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "graph/dtype.h"
#include "graph/shape.h"
#include "graph/tensor.h"
#include "train/files/source.h"

namespace hekla::files {

enum class StoredType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

/// Bytes of one element; a boolean takes one.
std::size_t size_of(StoredType type);

/// What holds such elements: f64 becomes f32, i64, i16 and i8 become i32, u64 and u16 become u32.
DType dtype_of(StoredType type);

/// How elements of a dtype are stored.
StoredType stored_type(DType dtype);

/// A shape whose sizes come from a file. Fails as `source` does, naming `tensor`, when there are more axes
/// than a tensor has or more elements than can be counted.
Shape checked_shape(const Source& source, std::string_view tensor, std::span<const std::uint64_t> sizes);

/// A tensor of the stored elements, which must be as many as the shape holds. f32 keeps all of its bits;
/// f64 is rounded to the nearest f32. Fails as `source` does, naming `tensor` and the element, when an
/// integer of 64 bits does not fit into the 32 it gets.
Tensor decode(const Source& source, std::string_view tensor, std::span<const std::byte> bytes,
              StoredType type, const Shape& shape);

/// The elements of a tensor, computed now, as its stored_type says.
std::vector<std::byte> encode(const Tensor& tensor);

}  // namespace hekla::files
