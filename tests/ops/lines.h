// The table of check_op: every operation of ops/, in the shapes and dtypes that matter to it. A line's name
// begins with the descriptor that it tests (add_op: "add") or with the composite function. check_ops_test.cpp
// runs the lines and searches for descriptors without one.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "autodiff/check_op.h"

namespace hekla::testing {

struct Line {
  std::string name;
  Function function;
  std::vector<Operand> operands;
  CheckOptions options = {};
};

using Tensors = std::vector<Tensor>;

std::vector<Line> unary_lines();       // each function and activation of one operand, over many shapes
std::vector<Line> function_lines();    // elementwise functions of one operand
std::vector<Line> arithmetic_lines();  // elementwise functions of several
std::vector<Line> logic_lines();       // comparisons, logic, where, cast
std::vector<Line> reduce_lines();
std::vector<Line> statistics_lines();  // statistics over axes and running sums
std::vector<Line> loss_lines();
std::vector<Line> random_lines();  // distributions, keys, initial weights
std::vector<Line> view_lines();
std::vector<Line> shape_lines();     // joining, dividing, reordering, basic indexing, diagonals
std::vector<Line> product_lines();   // matmul and gather
std::vector<Line> indexing_lines();  // take, take_along_axis, scatter_add, one_hot
std::vector<Line> linalg_lines();    // matmul of vectors, dot, tensordot, einsum
std::vector<Line> matrix_lines();    // equations, inverses, determinants
std::vector<Line> sort_lines();
std::vector<Line> create_lines();       // leaves and random numbers
std::vector<Line> convolution_lines();  // and pooling
std::vector<Line> image_lines();        // patches, other pooling, resizing
std::vector<Line> network_lines();      // normalizations, dropout, embedding, attention, Adam
std::vector<Line> recurrent_lines();
std::vector<Line> model_lines();  // activations, losses, layers, optimizers, and all together
std::vector<Line> all_lines();

/// For compositions of matrix products, whose second derivatives are products of the same kinds, each a
/// kernel to compile. Finite differences check them on the reference device only.
inline std::vector<Line> first_order_on_devices(std::vector<Line> lines) {
  for (Line& line : lines) {
    CheckOptions& options = line.options;
    options.device_derivatives = std::min(options.device_derivatives.value_or(options.derivatives), 1);
  }
  return lines;
}

/// Options for results that have no derivative: integers, comparisons, steps.
inline const CheckOptions no_derivatives{.derivatives = 0};
/// Integers, so that ties and kinks occur.
inline const CheckOptions ties{.whole = true};
inline const CheckOptions ties_no_derivatives{.derivatives = 0, .whole = true};

}  // namespace hekla::testing
