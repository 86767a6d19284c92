// HostArray: elements in host memory, on their way to or from a device.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "graph/host_memory.h"

namespace hekla {

/// A number as T holds it: integers truncate toward zero and end at T's limits, NaN is 0.
template <class T>
T number_as(double number) {
  if constexpr (std::is_integral_v<T>) {
    if (std::isnan(number)) return 0;
    if (number <= static_cast<double>(std::numeric_limits<T>::lowest()))
      return std::numeric_limits<T>::lowest();
    if (number >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  }
  return static_cast<T>(number);
}

class HostArray {
 public:
  enum class Format : std::uint8_t { f64, f32, i32, u32, u8 };

  HostArray() = default;
  HostArray(Format format, std::int64_t count)
      : format_(format), count_(count), bytes_(byte_size(format, count)) {}

  template <class T>
  explicit HostArray(std::span<const T> elements)
      : HostArray(format_of<T>(), static_cast<std::int64_t>(elements.size())) {
    if (!elements.empty()) std::memcpy(bytes_.data(), elements.data(), bytes_.size());
  }

  Format format() const { return format_; }
  std::int64_t count() const { return count_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<std::byte> bytes() { return bytes_; }

  double at(std::int64_t i) const;
  void set(std::int64_t i, double value);

  /// The elements converted to T as hk::cast does: of floats integers end at T's limits and NaN is 0, of
  /// integers the low bits stay; to bool: unequal to zero.
  template <class T>
  std::vector<T> to() const {
    std::vector<T> result = host_elements<T>("to_vector", static_cast<std::size_t>(count_));
    for (std::int64_t i = 0; i < count_; ++i) {
      if constexpr (std::is_same_v<T, bool>) {
        result[static_cast<std::size_t>(i)] = at(i) != 0;
      } else if (std::is_integral_v<T> && format_ != Format::f64 && format_ != Format::f32) {
        result[static_cast<std::size_t>(i)] = static_cast<T>(static_cast<std::int64_t>(at(i)));
      } else {
        result[static_cast<std::size_t>(i)] = number_as<T>(at(i));
      }
    }
    return result;
  }

 private:
  template <class T>
  static constexpr Format format_of() {
    if constexpr (std::is_same_v<T, double>)
      return Format::f64;
    else if constexpr (std::is_same_v<T, float>)
      return Format::f32;
    else if constexpr (std::is_same_v<T, std::int32_t>)
      return Format::i32;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
      return Format::u32;
    else {
      static_assert(std::is_same_v<T, std::uint8_t>,
                    "host data is double, float, int32_t, uint32_t or uint8_t");
      return Format::u8;
    }
  }
  static std::size_t byte_size(Format format, std::int64_t count);

  Format format_ = Format::f32;
  std::int64_t count_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace hekla
