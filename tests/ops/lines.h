// The table of check_op: every operation of ops/, in the shapes and dtypes that matter to it. A line's name
// begins with the descriptor it is there for (add_op: "add") or with the composite function;
// check_ops_test.cpp runs the lines and looks for descriptors that have none.
#pragma once

#include <string>
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

std::vector<Line> function_lines();    // elementwise functions of one operand
std::vector<Line> arithmetic_lines();  // elementwise functions of several
std::vector<Line> logic_lines();       // comparisons, logic, where, cast
std::vector<Line> reduce_lines();
std::vector<Line> view_lines();
std::vector<Line> product_lines();  // matmul and gather
std::vector<Line> create_lines();   // leaves and random numbers
std::vector<Line> model_lines();    // activations, losses, layers, optimizers, and all together
std::vector<Line> all_lines();

/// Options for results that have no derivative: integers, comparisons, steps.
inline const CheckOptions no_derivatives{.derivatives = 0};
/// Whole numbers, so that ties and kinks occur.
inline const CheckOptions ties{.whole = true};
inline const CheckOptions ties_no_derivatives{.derivatives = 0, .whole = true};

}  // namespace hekla::testing
