// Origin: the function that a tensor is the result of.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// A function that other frameworks have as one operation, such as "conv2d" of x and a kernel. Only writers of their formats
/// look at it: for the compiler and for gradients the function is what its graph says.
struct Origin {
  std::string_view function;
  std::vector<Tensor> inputs;  ///< empty where an optional one was left out
  Attributes attributes = {};
  std::size_t result = 0;  ///< which one of several
};

/// `result` with its origin; returns it. A result that has one already, or that is an input, is left as it is.
const Tensor& with_origin(const Tensor& result, Origin origin);

}  // namespace hekla
