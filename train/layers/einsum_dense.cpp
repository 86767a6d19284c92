// See einsum_dense.h.
#include "train/layers/einsum_dense.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "graph/error.h"
#include "ops/einsum.h"
#include "train/layers/kernel_and_bias.h"

namespace hekla {

namespace {

constexpr std::string_view dots = "...";

bool has(const std::string& names, char name) { return names.find(name) != std::string::npos; }

bool are_letters(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

EinsumDense::EinsumDense(std::string equation, std::vector<std::int64_t> output_shape,
                         ActivationFunction activation, EinsumDenseOptions options)
    : text_(std::move(equation)),
      output_shape_(std::move(output_shape)),
      activation_(std::move(activation)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("EinsumDense", options_.name, options_.trainable)),
      equation_(parsed(text_)) {
  const std::string layer = state_->display_name();
  const auto& [x, kernel, y, before, behind] = equation_;
  for (const char name : y) {
    if (!has(x, name) && !has(kernel, name))
      throw Error(fmt::format("[{}] \"{}\": y has the axis {}, which neither x nor the kernel has.", layer,
                              text_, name));
  }
  for (const char name : kernel) {
    if (!has(x, name) && !has(y, name))
      throw Error(fmt::format("[{}] \"{}\": the kernel has the axis {}, which neither x nor y has.", layer,
                              text_, name));
  }
  for (const char name : options_.bias_axes) {
    if (!has(y, name))
      throw Error(fmt::format("[{}] \"{}\": bias_axes names {}, which is no axis of y.", layer, text_, name));
  }
  const std::size_t sizes = y.size() - (before ? 0 : 1);
  if (output_shape_.size() != sizes)
    throw Error(fmt::format("[{}] \"{}\": {} sizes in output_shape; y has {} axes besides the batch{}.",
                            layer, text_, output_shape_.size(), sizes,
                            before || behind ? " and those of \"...\"" : ""));
}

EinsumDense::Equation EinsumDense::parsed(const std::string& text) const {
  const auto fail = [&] {
    throw Error(
        fmt::format("[{}] \"{}\"; an equation is \"x,kernel->y\" with letters for their axes, where x "
                    "and y may both begin or both end with \"...\".",
                    state_->display_name(), text));
  };
  const std::size_t comma = text.find(','), arrow = text.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) fail();
  Equation found{.x = text.substr(0, comma),
                 .kernel = text.substr(comma + 1, arrow - comma - 1),
                 .y = text.substr(arrow + 2)};
  if (found.x.starts_with(dots) && found.y.starts_with(dots)) {
    found.has_axes_before = true;
    found.x.erase(0, dots.size());
    found.y.erase(0, dots.size());
  } else if (found.x.ends_with(dots) && found.y.ends_with(dots)) {
    found.has_axes_behind = true;
    found.x.resize(found.x.size() - dots.size());
    found.y.resize(found.y.size() - dots.size());
  }
  if (!are_letters(found.x) || !are_letters(found.kernel) || !are_letters(found.y)) fail();
  return found;
}

// The size of x's axis of that letter of the equation.
std::int64_t EinsumDense::size_in_x(const Tensor& x, std::size_t letter) const {
  const int axis = static_cast<int>(letter);
  return x.size(equation_.has_axes_before ? axis - static_cast<int>(equation_.x.size()) : axis);
}

// The size of y's axis of that name, which the output shape or x says.
std::int64_t EinsumDense::size_in_y(const Tensor& x, char name) const {
  const std::size_t letter = equation_.y.find(name), in_x = equation_.x.find(name);
  const bool is_batch = !equation_.has_axes_before && letter == 0;
  const std::int64_t given =
      is_batch ? x.size(0) : output_shape_[letter - (equation_.has_axes_before ? 0 : 1)];
  if (in_x == std::string::npos) {
    if (given < 1)
      throw Error(
          fmt::format("[{}] \"{}\": the size of {} is {}; it must be positive, as x has no such axis.",
                      state_->name(), text_, name, given));
    return given;
  }
  const std::int64_t size = size_in_x(x, in_x);
  if (given != -1 && given != size)
    throw Error(fmt::format("[{}] \"{}\": {} is {} in output_shape and {} in x, {}; they must be equal.",
                            state_->name(), text_, name, given, size, describe(x)));
  return size;
}

Tensor EinsumDense::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const auto& [in_x, in_kernel, in_y, before, behind] = equation_;
  const int named = static_cast<int>(in_x.size());
  // The batch is among the axes before, or has the first letter.
  if (before ? x.rank() <= named : behind ? x.rank() < named : x.rank() != named)
    throw Error(fmt::format("[{}] \"{}\" is called with {}; x must have {} axes{}.", state_->name(), text_,
                            describe(x), named,
                            before   ? " and the batch before them"
                            : behind ? " or more"
                                     : ""));
  std::map<char, std::int64_t> sizes;
  for (const char name : in_y) sizes[name] = size_in_y(x, name);
  Shape kernel_shape;
  std::vector<int> summed;
  for (std::size_t i = 0; i < in_kernel.size(); ++i) {
    const bool in_result = has(in_y, in_kernel[i]);
    kernel_shape.push_back(in_result ? sizes[in_kernel[i]] : size_in_x(x, in_x.find(in_kernel[i])));
    if (!in_result) summed.push_back(static_cast<int>(i));
  }
  EinsumDenseOptions options = options_;
  options.kernel_initializer = over_axes(options.kernel_initializer, summed);
  const Tensor kernel = kernel_of(call, kernel_shape, options);
  Tensor y = einsum(text_, {as_float(x), kernel});
  if (!options_.bias_axes.empty()) {
    // From the first named axis on, with 1 for axes that are not named.
    Shape shape;
    for (const char name : in_y) {
      const bool is_named = has(options_.bias_axes, name);
      if (is_named || shape.rank() > 0) shape.push_back(is_named ? sizes[name] : 1);
    }
    for (int axis = named; behind && axis < x.rank(); ++axis) shape.push_back(1);
    y = y + call.weight("bias", shape, options_.bias_initializer,
                        {options_.bias_regularizer, options_.bias_constraint});
  }
  return call.done(activation_(y));
}

}  // namespace hekla
