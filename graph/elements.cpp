// See elements.h.
#include "graph/elements.h"

#include <cstdint>
#include <cstring>

namespace hekla {

namespace {

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& elements) {
  const auto bytes = std::as_bytes(std::span(elements));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

HostArray::Format host_format(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      return HostArray::Format::f32;
    case DType::i32:
      return HostArray::Format::i32;
    case DType::u32:
    case DType::boolean:
      return HostArray::Format::u32;
    case DType::u8:
      return HostArray::Format::u8;
  }
  return HostArray::Format::f32;
}

std::vector<std::byte> to_bytes(const HostArray& elements, DType dtype) {
  if (dtype == DType::f16 || dtype == DType::bf16) {
    std::vector<std::uint16_t> halves(static_cast<std::size_t>(elements.count()));
    for (std::size_t i = 0; i < halves.size(); ++i)
      halves[i] = half_bits(convert(elements.at(static_cast<std::int64_t>(i)), dtype), dtype);
    return bytes_of(halves);
  }
  const HostArray::Format format = host_format(dtype);
  if (elements.format() == format) return {elements.bytes().begin(), elements.bytes().end()};
  switch (format) {
    case HostArray::Format::f64:
    case HostArray::Format::f32:
      return bytes_of(elements.to<float>());
    case HostArray::Format::i32:
      return bytes_of(elements.to<std::int32_t>());
    case HostArray::Format::u32:
      return bytes_of(elements.to<std::uint32_t>());
    case HostArray::Format::u8:
      return bytes_of(elements.to<std::uint8_t>());
  }
  return {};
}

HostArray from_bytes(std::span<const std::byte> bytes, DType dtype) {
  const std::size_t count = bytes.size() / size_of(dtype);
  HostArray elements(host_format(dtype), static_cast<std::int64_t>(count));
  if (dtype == DType::f16 || dtype == DType::bf16) {
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t bits;
      std::memcpy(&bits, bytes.data() + i * sizeof(bits), sizeof(bits));
      elements.set(static_cast<std::int64_t>(i), from_half_bits(bits, dtype));
    }
  } else if (!bytes.empty()) {
    std::memcpy(elements.bytes().data(), bytes.data(), bytes.size());
  }
  return elements;
}

}  // namespace hekla
