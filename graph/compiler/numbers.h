// Numbers: the constants of a computation, which are structure until they change. A plan has them written
// into its kernels, where a compiler gains most from them. When the same structure comes with other
// constants, those that differ become data, in memory that a kernel reads; the plan then serves all of them.
//
// 0, 1, -1 and non-finite constants always are structure: rules of the compiler look at them. Equal numbers
// are one number, so that common subexpressions over them are merged. The passes treat numbers alike whether
// they are data or not, and leave to the host what is computed from numbers only. So both plans are the same
// but for where kernels have the numbers from, and give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/dtype.h"
#include "graph/host_array.h"

namespace hekla {
struct Op;
}

namespace hekla::compiler {

struct Plan;

/// A number of a graph: a constant of the computation, or one computed from other numbers.
struct PlanNumber {
  struct Operand {
    int number = -1;      // which one, or
    double constant = 0;  // a constant that is structure
  };
  DType dtype;
  double value;  // in the computation that is compiled
  const Op* op = nullptr;
  std::vector<Operand> operands = {};
  std::int64_t folds = 0;  // of a reduction: how often its one operand is folded with itself
  bool is_data = false;
};

/// Whether a constant is a number in this sense.
bool may_be_data(double value, DType dtype);

/// The reduction of `times` equal numbers, by repeated doubling.
double folded_with_itself(const Op& op, DType dtype, double number, std::int64_t times);

/// A storage leaf that holds numbers; leaves of numbers come after those of the graph.
struct NumberLeaf {
  DType dtype;
  std::vector<int> numbers;
};

/// What such a leaf holds.
struct NumberArray {
  DType dtype;
  HostArray elements;
};

/// What the leaves hold where the computation's own numbers are `values`.
std::vector<NumberArray> elements_of(std::span<const NumberLeaf> leaves, std::span<const PlanNumber> numbers,
                                     std::span<const double> values);

/// How many leaves the numbers that are data need: one for each dtype that kernels hold them in.
int leaves_of_data(std::span<const PlanNumber> numbers);

/// Lets the kernels of a plan read the numbers that are data from memory; `leaves` are the graph's own.
void load_numbers(Plan& plan, int leaves);

}  // namespace hekla::compiler
