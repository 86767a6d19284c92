// Tensors as text: `std::cout << t`, `fmt::print("{:.3}", t)`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>

#include "graph/tensor.h"

namespace hekla {

/// NumPy's print options of the same names, with its defaults.
struct PrintOptions {
  int precision = 8;              ///< digits after the point at most; fewer where they give the number back
  std::int64_t threshold = 1000;  ///< more elements are summarized
  std::int64_t edgeitems = 3;     ///< shown at the ends of each axis of a summary
  int linewidth = 75;
};

/// The elements as NumPy prints them, computed now on the default device, then dtype and shape:
///   [[1.  2.5]
///    [3.  4. ]] f32[2,2]
/// What depends on a placeholder has no elements, and prints as its label, dtype and shape.
std::string to_string(const Tensor& x, const PrintOptions& options = {});

std::string to_string(DType dtype);

/// True for the types that are printed by their to_string().
template <class T>
inline constexpr bool has_text = false;
template <>
inline constexpr bool has_text<Tensor> = true;
template <>
inline constexpr bool has_text<Shape> = true;
template <>
inline constexpr bool has_text<DType> = true;

template <class T>
concept HasText = has_text<T>;

template <HasText T>
std::ostream& operator<<(std::ostream& out, const T& x) {
  return out << to_string(x);
}

/// What a formatter of {fmt} or of the standard library does: the format is empty, or the precision of a tensor, ".3".
struct TextFormatter {
  template <class Context>
  constexpr auto parse(Context& context) {
    auto at = context.begin();
    if (at == context.end() || *at != '.') return at;
    options.precision = 0;
    for (++at; at != context.end() && *at >= '0' && *at <= '9'; ++at)
      options.precision = std::min(options.precision * 10 + (*at - '0'), 1000);
    return at;
  }
  template <HasText T, class Context>
  auto format(const T& x, Context& context) const {
    std::string text;
    if constexpr (requires { to_string(x, options); })
      text = to_string(x, options);
    else
      text = to_string(x);
    return std::copy(text.begin(), text.end(), context.out());
  }

  PrintOptions options = {};
};

}  // namespace hekla

#if __has_include(<fmt/core.h>)
#include <fmt/core.h>
template <>
struct fmt::formatter<hekla::Tensor> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::Shape> : hekla::TextFormatter {};
template <>
struct fmt::formatter<hekla::DType> : hekla::TextFormatter {};
#endif

#if __has_include(<format>)
#include <format>
#ifdef __cpp_lib_format
template <>
struct std::formatter<hekla::Tensor> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::Shape> : hekla::TextFormatter {};
template <>
struct std::formatter<hekla::DType> : hekla::TextFormatter {};
#endif
#endif
