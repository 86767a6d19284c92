// Element access by format.
#include "graph/host_array.h"

namespace hekla {

namespace {

template <class T>
T read(const std::byte* bytes, std::int64_t i) {
  T value;
  std::memcpy(&value, bytes + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void write(std::byte* bytes, std::int64_t i, double number) {
  const T value = number_as<T>(number);
  std::memcpy(bytes + static_cast<std::size_t>(i) * sizeof(T), &value, sizeof(T));
}

}  // namespace

std::size_t HostArray::byte_size(Format format, std::int64_t count) {
  const std::size_t size = format == Format::f64 ? 8 : format == Format::u8 ? 1 : 4;
  return size * static_cast<std::size_t>(count);
}

double HostArray::at(std::int64_t i) const {
  switch (format_) {
    case Format::f64:
      return read<double>(bytes_.data(), i);
    case Format::f32:
      return static_cast<double>(read<float>(bytes_.data(), i));
    case Format::i32:
      return read<std::int32_t>(bytes_.data(), i);
    case Format::u32:
      return read<std::uint32_t>(bytes_.data(), i);
    case Format::u8:
      return read<std::uint8_t>(bytes_.data(), i);
  }
  return 0;
}

void HostArray::set(std::int64_t i, double value) {
  switch (format_) {
    case Format::f64:
      return write<double>(bytes_.data(), i, value);
    case Format::f32:
      return write<float>(bytes_.data(), i, value);
    case Format::i32:
      return write<std::int32_t>(bytes_.data(), i, value);
    case Format::u32:
      return write<std::uint32_t>(bytes_.data(), i, value);
    case Format::u8:
      return write<std::uint8_t>(bytes_.data(), i, value);
  }
}

}  // namespace hekla
