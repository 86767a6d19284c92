// See elements.h.
#include "train/files/elements.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "graph/elements.h"
#include "graph/run/value.h"

namespace hekla::files {

// The formats are little-endian, and so is every machine with a Vulkan driver: elements are copied as they
// are.
static_assert(std::endian::native == std::endian::little);

namespace {

template <class T>
T element(std::span<const std::byte> bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

// Elements of type From, each made into a To.
template <class From, class To, class F>
HostArray converted(std::span<const std::byte> bytes, const F& convert) {
  std::vector<To> result(bytes.size() / sizeof(From));
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = convert(element<From>(bytes, i), i);
  return HostArray(std::span<const To>(result));
}

template <class From, class To>
HostArray narrowed(const Source& source, std::string_view tensor, std::span<const std::byte> bytes) {
  return converted<From, To>(bytes, [&](From value, std::size_t i) {
    if (!std::in_range<To>(value))
      source.fail(fmt::format(
          "tensor {}: element {} is {}; integers of 64 bits are read into {} of 32, from {} to {}.",
          in_quotes(tensor), i, value, std::is_signed_v<To> ? "i32" : "u32", std::numeric_limits<To>::min(),
          std::numeric_limits<To>::max()));
    return static_cast<To>(value);
  });
}

template <class From, class To>
HostArray widened(std::span<const std::byte> bytes) {
  return converted<From, To>(bytes, [](From value, std::size_t) { return static_cast<To>(value); });
}

HostArray decoded(const Source& source, std::string_view tensor, std::span<const std::byte> bytes,
                  StoredType type) {
  switch (type) {
    case StoredType::f64:
      return converted<double, double>(bytes, [](double value, std::size_t) { return value; });
    case StoredType::f32:
    case StoredType::f16:
    case StoredType::bf16:
    case StoredType::i32:
    case StoredType::u32:
    case StoredType::u8:
      return from_bytes(bytes, dtype_of(type));
    case StoredType::i64:
      return narrowed<std::int64_t, std::int32_t>(source, tensor, bytes);
    case StoredType::i16:
      return widened<std::int16_t, std::int32_t>(bytes);
    case StoredType::i8:
      return widened<std::int8_t, std::int32_t>(bytes);
    case StoredType::u64:
      return narrowed<std::uint64_t, std::uint32_t>(source, tensor, bytes);
    case StoredType::u16:
      return widened<std::uint16_t, std::uint32_t>(bytes);
    case StoredType::boolean:
      // Other writers may mean true by any byte; kernels count on 1.
      return converted<std::uint8_t, std::uint8_t>(
          bytes, [](std::uint8_t value, std::size_t) { return static_cast<std::uint8_t>(value != 0); });
  }
  return {};
}

}  // namespace

std::size_t size_of(StoredType type) {
  switch (type) {
    case StoredType::f64:
    case StoredType::i64:
    case StoredType::u64:
      return 8;
    case StoredType::f32:
    case StoredType::i32:
    case StoredType::u32:
      return 4;
    case StoredType::f16:
    case StoredType::bf16:
    case StoredType::i16:
    case StoredType::u16:
      return 2;
    case StoredType::i8:
    case StoredType::u8:
    case StoredType::boolean:
      return 1;
  }
  return 1;
}

DType dtype_of(StoredType type) {
  switch (type) {
    case StoredType::f64:
    case StoredType::f32:
      return DType::f32;
    case StoredType::f16:
      return DType::f16;
    case StoredType::bf16:
      return DType::bf16;
    case StoredType::i64:
    case StoredType::i32:
    case StoredType::i16:
    case StoredType::i8:
      return DType::i32;
    case StoredType::u64:
    case StoredType::u32:
    case StoredType::u16:
      return DType::u32;
    case StoredType::u8:
      return DType::u8;
    case StoredType::boolean:
      return DType::boolean;
  }
  return DType::f32;
}

StoredType stored_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return StoredType::f32;
    case DType::i32:
      return StoredType::i32;
    case DType::u32:
      return StoredType::u32;
    case DType::u8:
      return StoredType::u8;
    case DType::boolean:
      return StoredType::boolean;
    case DType::f16:
      return StoredType::f16;
    case DType::bf16:
      return StoredType::bf16;
  }
  return StoredType::f32;
}

Shape checked_shape(const Source& source, std::string_view tensor, std::span<const std::uint64_t> sizes) {
  if (sizes.size() > Shape::max_rank)
    source.fail(fmt::format("tensor {}: has {} axes; a tensor has at most {}.", in_quotes(tensor),
                            sizes.size(), Shape::max_rank));
  constexpr std::uint64_t most = std::uint64_t{1} << 60;  // leaves room for eight bytes of each
  std::uint64_t count = 1;
  Shape shape;
  for (const std::uint64_t size : sizes) {
    // Sizes beside a 0 count too: a product of them must not overflow elsewhere.
    if (size > 0 && count > most / size)
      source.fail(fmt::format("tensor {}: has more elements than can be counted.", in_quotes(tensor)));
    if (size > 0) count *= size;
    shape.push_back(static_cast<std::int64_t>(size));
  }
  return shape;
}

Tensor decode(const Source& source, std::string_view tensor, std::span<const std::byte> bytes,
              StoredType type, const Shape& shape) {
  return make_leaf(data_op, shape, dtype_of(type),
                   std::make_shared<Value>(decoded(source, tensor, bytes, type)));
}

std::vector<std::byte> encode(const Tensor& tensor) {
  // A boolean takes one byte.
  const DType dtype = tensor.dtype() == DType::boolean ? DType::u8 : tensor.dtype();
  return to_bytes(tensor.to_host(), dtype);
}

}  // namespace hekla::files
