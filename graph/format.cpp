// The layout of numpy/core/arrayprint.py, with its default floatmode, "maxprec".
#include "graph/format.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <vector>

namespace hekla {

namespace {

// A finite number in decimal: digits before and after the point, and the exponent where there is one.
struct Decimal {
  std::string whole, fraction, exponent;
};

Decimal divided(std::string text) {
  Decimal result;
  if (const std::size_t at = text.find('e'); at != std::string::npos) {
    result.exponent = text.substr(at);
    text.resize(at);
  }
  const std::size_t point = text.find('.');
  result.whole = text.substr(0, point);
  if (point != std::string::npos) result.fraction = text.substr(point + 1);
  while (result.fraction.ends_with('0')) result.fraction.pop_back();
  return result;
}

template <class... Options>
std::string text_of(double number, Options... options) {
  char buffer[1500];  // f64 has up to 1,074 digits after the point
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, options...);
  return {buffer, end.ptr};
}

// The fewest digits that give the element back.
std::string shortest(double number, DType dtype, std::chars_format format) {
  if (dtype == DType::f32) {
    char buffer[100];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(number), format);
    return {buffer, end.ptr};
  }
  for (int digits = 0;; ++digits) {
    const std::string text = text_of(number, std::chars_format::scientific, digits);
    double again = 0;
    std::from_chars(text.data(), text.data() + text.size(), again);
    if (as_held(again, dtype) == number)
      return format == std::chars_format::scientific ? text : text_of(again, format);
  }
}

// How the floats of a tensor are printed, so that they all have one width and their points stand below each other.
class FloatFormat {
 public:
  FloatFormat(const std::vector<double>& numbers, DType dtype, int precision)
      : dtype_(dtype), precision_(precision) {
    double most = 0, least = INFINITY;
    for (const double number : numbers) {
      if (!std::isfinite(number) || number == 0) continue;
      most = std::max(most, std::abs(number));
      least = std::min(least, std::abs(number));
    }
    // NumPy 2.3 and later: where f32 and f16 no longer tell all integers apart, roughly.
    const double too_large = dtype == DType::f32 ? 1e6 : 1e3;
    scientific_ = most >= too_large || (most > 0 && (least < 1e-4 || most / least > 1000));
    std::size_t longest_special = 0;
    for (const double number : numbers) {
      if (!std::isfinite(number)) {
        longest_special = std::max(longest_special, special(number).size());
        continue;
      }
      const Decimal parts = decimal(number);
      left_ = std::max(left_, parts.whole.size());
      right_ = std::max(right_, parts.fraction.size());
      exponent_ = std::max(exponent_, parts.exponent.size());
    }
    const std::size_t rest = right_ + 1 + exponent_;
    if (longest_special > left_ + rest) left_ = longest_special - rest;
  }

  std::string operator()(double number) const {
    if (!std::isfinite(number)) return right_aligned(special(number), left_ + 1 + right_ + exponent_);
    Decimal parts = decimal(number);
    // In the scientific form all have equally many digits, those of the exact value; else what is missing is left blank.
    if (scientific_)
      parts = divided(text_of(number, std::chars_format::scientific, static_cast<int>(right_)));
    parts.fraction.resize(right_, scientific_ ? '0' : ' ');
    return right_aligned(parts.whole, left_) + "." + parts.fraction + parts.exponent;
  }

 private:
  static std::string special(double number) {
    return std::isnan(number) ? "nan" : number < 0 ? "-inf" : "inf";
  }
  static std::string right_aligned(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
  }

  Decimal decimal(double number) const {
    const std::chars_format format = scientific_ ? std::chars_format::scientific : std::chars_format::fixed;
    Decimal parts = divided(shortest(number, dtype_, format));
    if (parts.fraction.size() > static_cast<std::size_t>(precision_))
      parts = divided(text_of(number, format, precision_));
    return parts;
  }

  DType dtype_;
  int precision_;
  bool scientific_ = false;
  std::size_t left_ = 0, right_ = 0, exponent_ = 0;
};

// Rows of elements, those of an outer axis below each other.
class Layout {
 public:
  Layout(const Shape& shape, const PrintOptions& options, bool is_summary,
         std::function<std::string(std::int64_t)> element)
      : shape_(shape),
        strides_(strides_of(shape)),
        options_(options),
        is_summary_(is_summary),
        element_(std::move(element)) {}

  std::string text(int axis = 0, std::int64_t offset = 0) const {
    if (axis == shape_.rank()) return element_(offset);
    const std::string indent(static_cast<std::size_t>(axis) + 1, ' ');
    const bool is_row = axis == shape_.rank() - 1;
    // The brackets that close behind the last element count.
    const auto width = static_cast<std::size_t>(std::max(options_.linewidth - axis - 1, 1));
    std::string all, line = indent;
    const auto add = [&](const std::string& piece) {
      if (!is_row) {
        if (!all.empty()) all += std::string(static_cast<std::size_t>(shape_.rank() - axis - 1), '\n');
        all += indent + piece;
        return;
      }
      if (line.size() + piece.size() > width && line.size() > indent.size()) {
        all += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        line = indent;
      }
      line += piece + " ";
    };
    const std::int64_t size = shape_[axis];
    const bool is_shortened = is_summary_ && 2 * options_.edgeitems < size;
    for (std::int64_t i = 0; i < size; ++i) {
      if (is_shortened && i == options_.edgeitems) {
        add("...");
        i = size - options_.edgeitems;
        if (i == size) break;
      }
      add(text(axis + 1, offset + i * strides_[static_cast<std::size_t>(axis)]));
    }
    if (is_row) all += line.substr(0, line.size() - 1);
    return "[" + all.substr(indent.size()) + "]";
  }

  // Calls `visit` with the offset of each element that is shown.
  void for_each_shown(const std::function<void(std::int64_t)>& visit, int axis = 0,
                      std::int64_t offset = 0) const {
    if (axis == shape_.rank()) return visit(offset);
    const std::int64_t size = shape_[axis];
    const bool is_shortened = is_summary_ && 2 * options_.edgeitems < size;
    for (std::int64_t i = 0; i < size; ++i) {
      if (is_shortened && i == options_.edgeitems) i = size - options_.edgeitems;
      if (i < size) for_each_shown(visit, axis + 1, offset + i * strides_[static_cast<std::size_t>(axis)]);
    }
  }

 private:
  const Shape& shape_;
  std::vector<std::int64_t> strides_;
  const PrintOptions& options_;
  bool is_summary_;
  std::function<std::string(std::int64_t)> element_;
};

std::string elements_of(const Tensor& x, const PrintOptions& options) {
  if (x.count() == 0) return "[]";
  const HostArray elements = x.to_host();
  const bool is_summary = x.count() > options.threshold;
  std::vector<double> shown;
  Layout(x.shape(), options, is_summary, nullptr).for_each_shown([&](std::int64_t i) {
    shown.push_back(as_held(elements.at(i), x.dtype()));
  });
  if (is_float(x.dtype())) {
    const FloatFormat format(shown, x.dtype(), std::max(options.precision, 0));
    return Layout(x.shape(), options, is_summary,
                  [&](std::int64_t i) { return format(as_held(elements.at(i), x.dtype())); })
        .text();
  }
  const auto word = [&](double number) -> std::string {
    if (x.dtype() == DType::boolean) return number == 0 ? "False" : x.rank() == 0 ? "True" : " True";
    return std::to_string(static_cast<std::int64_t>(number));
  };
  std::size_t width = 0;
  for (const double number : shown) width = std::max(width, word(number).size());
  return Layout(x.shape(), options, is_summary,
                [&](std::int64_t i) {
                  const std::string text = word(elements.at(i));
                  return std::string(width - text.size(), ' ') + text;
                })
      .text();
}

}  // namespace

std::string to_string(const Tensor& x, const PrintOptions& options) {
  if (!x.defined()) return "Tensor()";
  const std::string type = std::string(name(x.dtype())) + to_string(x.shape());
  const bool is_fed =
      std::ranges::any_of(topological_order({&x, 1}), [](const Node* node) { return node->op == &input_op; });
  return is_fed ? describe(x) : elements_of(x, options) + " " + type;
}

std::string to_string(DType dtype) { return std::string(name(dtype)); }

}  // namespace hekla
